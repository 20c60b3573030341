import { performance } from 'node:perf_hooks';
import { openWire } from '../wire/open-wire.ts';
import type { TransportName } from '../wire/transport.ts';
import type { Wire } from '../wire/wire.ts';
import type { Answer } from './attempt.ts';
import type { Target } from './target.ts';
import { toAnswer, toRefusal } from './to-answer.ts';

/** Servers that check a token on `connection` let in and put out at once; this long after, a connection counts as one. */
const SETTLE_MS = 250;

export interface Try {
  transport: TransportName;
  origin: string | undefined;
  token: string | undefined;
  /** Look whether the connection lasts, and over polling whether it can be upgraded. */
  isThorough: boolean;
}

/** Makes one connection and closes it again. `upgrade` is there for a thorough try over polling. */
export async function tryConnection(target: Target, how: Try): Promise<{ answer: Answer; upgrade?: Answer }> {
  const remainingMs = createDeadline(target.timeoutMs);
  let wire: Wire | undefined;
  try {
    wire = await openWire(target.base, {
      transport: how.transport,
      path: target.path,
      query: target.query,
      origin: how.origin,
      tls: target.tls,
      timeoutMs: target.timeoutMs,
    });
    const result = await wire.connect({
      namespace: target.namespace,
      auth: how.token === undefined ? undefined : { token: how.token },
      timeoutMs: remainingMs(),
    });
    if (!result.ok) return { answer: toRefusal(result, target) };
    if (!how.isThorough) return { answer: { kind: 'connected' } };
    const answer = await settle(wire, target);
    if (how.transport === 'websocket' || answer.kind !== 'connected') return { answer };
    return { answer, upgrade: await tryUpgrade(wire, target) };
  } catch (error) {
    const answer = toAnswer(error, target);
    const isOpened = wire !== undefined && answer.kind === 'timeout';
    return { answer: isOpened ? { kind: 'unanswered', message: answer.message } : answer };
  } finally {
    await wire?.close();
  }
}

/** Waits until the server has greeted, has put the socket out, or is silent for a moment. */
async function settle(wire: Wire, { namespace, redact }: Target): Promise<Answer> {
  const end = wire.untilDisconnected({ namespace, timeoutMs: SETTLE_MS }).then(
    () => 'over' as const,
    () => 'lasting' as const,
  );
  const greeting = wire.next<Said>('ready', { timeoutMs: SETTLE_MS }).catch(() => end);
  const first = await Promise.race([end, greeting]);
  if (first === 'lasting') return { kind: 'connected' };
  if (first !== 'over') {
    const userId = first.payload?.['userId'];
    return { kind: 'connected', userId: typeof userId === 'string' ? redact(userId) : undefined };
  }
  const closing = wire.events.find(({ event }) => event === 'closing')?.payload as Said;
  const { code, message } = closing ?? {};
  return {
    kind: 'ended',
    code: typeof code === 'string' ? redact(code) : undefined,
    message: typeof message === 'string' ? redact(message) : 'disconnected right after connecting',
  };
}

type Said = Readonly<Record<string, unknown>> | undefined;

async function tryUpgrade(wire: Wire, target: Target): Promise<Answer> {
  if (!wire.open.upgrades?.includes('websocket')) return { kind: 'skipped', message: 'the server offers no upgrade' };
  const late = new Promise<Answer>((resolve) => {
    setTimeout(resolve, target.timeoutMs, { kind: 'timeout', message: 'no answer to the upgrade' }).unref();
  });
  const upgrade = wire.upgrade().then(
    (): Answer => ({ kind: 'connected' }),
    (error: unknown) => toAnswer(error, target),
  );
  return Promise.race([upgrade, late]);
}

function createDeadline(timeoutMs: number): () => number {
  const end = performance.now() + timeoutMs;
  return () => Math.max(1, Math.ceil(end - performance.now()));
}
