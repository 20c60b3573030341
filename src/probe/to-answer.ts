import { formatDuration } from '../contract/units.ts';
import { WireError } from '../wire/errors.ts';
import type { ConnectResult } from '../wire/namespaces.ts';
import type { Answer } from './attempt.ts';
import type { Target } from './target.ts';

/** As much of a body as tells what it is. */
const BODY_MAX_CHARACTERS = 2_000;

/** What a failed try says, as plain data without anything secret. */
export function toAnswer(error: unknown, target: Target): Answer {
  const { redact, timeoutMs } = target;
  if (!(error instanceof WireError)) return { kind: 'unreachable', message: redact(messageOf(error)), errno: '' };
  const message = redact(error.message);
  const body = redact(error.body ?? '').slice(0, BODY_MAX_CHARACTERS);
  switch (error.kind) {
    case 'http':
      return {
        kind: 'http',
        status: error.status ?? 0,
        body,
        location: error.headers?.location === undefined ? undefined : redact(error.headers.location),
        contentType: error.headers?.['content-type'],
      };
    case 'protocol':
      return { kind: 'protocol', message, body };
    case 'timeout':
      return { kind: 'timeout', message: `no answer within ${formatDuration(timeoutMs)}` };
    case 'closed':
      // A polling session breaks off on an HTTP answer: that, and not its end, is what was said.
      return isHttpError(error.cause) ? toAnswer(error.cause, target) : { kind: 'ended', message };
    default:
      return { kind: error.kind, message, errno: (error.cause as NodeJS.ErrnoException | undefined)?.code ?? '' };
  }
}

const isHttpError = (error: unknown) => error instanceof WireError && error.kind === 'http';

/** The server's answer to CONNECT where it was no. */
export function toRefusal(result: Extract<ConnectResult, { ok: false }>, { redact }: Target): Answer {
  const { data } = result;
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  return {
    kind: 'refused',
    message: redact(String(result.message)),
    code: typeof result.code === 'string' ? redact(result.code) : undefined,
    data: isObject ? redactAll(data, redact) : undefined,
  };
}

/** What is below the first level is left out: nobody looks at it. */
function redactAll(data: object, redact: Target['redact']): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data) as [string, unknown][]) {
    if (typeof value === 'string') redacted[name] = redact(value);
    else if (typeof value === 'number' || typeof value === 'boolean') redacted[name] = value;
  }
  return redacted;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
