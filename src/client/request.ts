import { RtError } from '../contract/errors.ts';
import { isSentError, toRtError } from './to-rt-error.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: URL;
  token: string;
  body?: unknown;
  timeoutMs: number;
}

/**
 * One request to the HTTP API, its answer parsed.
 *
 * @throws RtError with the code of the problem that the server answered, or `SERVER_UNREACHABLE`; `PAYLOAD_INVALID` or
 * `TOKEN_INVALID` for what cannot be sent
 */
export async function request<Result>({ method, url, token, body, timeoutMs }: HttpRequest): Promise<Result> {
  const json = serialize(body);
  const headers = toHeaders(token, json !== undefined);
  let status: number;
  let type: string;
  let text: string;
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(json !== undefined && { body: json }),
      // Not followed: the token belongs to this server.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    status = response.status;
    type = response.headers.get('content-type') ?? 'no content type';
    text = await response.text();
  } catch (cause) {
    throw new RtError('SERVER_UNREACHABLE', { reason: describeFailure(cause, url, timeoutMs) }, { cause });
  }
  const answer = parseJson(text);
  if (status >= 200 && status < 300 && answer !== undefined) return answer as Result;
  // What stands in the address or the token is more than any server of Node reads.
  if (status === 431 || status === 414) throw new RtError('PAYLOAD_INVALID', { reason: 'it is too long to be sent' });
  throw problemOf(answer) ?? notAnRtserver(url, status, type);
}

/** What is wrong with a token is said without it, and without the error of `Headers`, which quotes it. */
function toHeaders(token: string, hasBody: boolean): Headers {
  try {
    return new Headers({
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(hasBody && { 'content-type': 'application/json' }),
    });
  } catch {
    throw new RtError('TOKEN_INVALID', { reason: 'it holds what no header can carry, such as a line break' });
  }
}

function serialize(body: unknown): string | undefined {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new RtError('PAYLOAD_INVALID', { reason: (cause as Error).message }, { cause });
  }
}

/** A problem's `detail` says what its code means here, unless it only repeats the title; the rest of it are facts. */
function problemOf(answer: unknown): RtError | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { type: _type, title, status: _status, detail, ...rest } = answer as Record<string, unknown>;
  const sent = { ...rest, message: title, ...(detail !== title && { reason: detail }) };
  return isSentError(sent) ? toRtError(sent) : undefined;
}

function notAnRtserver({ origin }: URL, status: number, type: string): RtError {
  const reason = `${origin} answered, but not as an rtserver (HTTP status ${status}, ${type})`;
  return new RtError('SERVER_UNREACHABLE', { reason, status });
}

function describeFailure(cause: unknown, { origin }: URL, timeoutMs: number): string {
  if (cause instanceof Error && cause.name === 'TimeoutError') return `no answer from ${origin} within ${timeoutMs} ms`;
  // fetch hides what happened one level down, and where several addresses were tried, two.
  const inner = (cause as { cause?: { code?: unknown; message?: unknown } } | undefined)?.cause;
  if (inner?.code === 'ECONNREFUSED') return `nothing listens on ${origin}`;
  return `${origin}: ${String(inner?.message || inner?.code || cause)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
