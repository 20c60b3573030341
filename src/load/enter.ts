import { WireError } from '../wire/errors.ts';
import { openWire } from '../wire/open-wire.ts';
import type { Wire } from '../wire/wire.ts';
import { show } from './match.ts';
import type { Member } from './member.ts';
import type { Stage } from './stage.ts';
import { makeToken } from './tokens.ts';

/** How one attempt to connect ended. `refused` without a `code`: the server gave none. */
export type Attempt =
  | { outcome: 'connected' }
  | { outcome: 'refused'; code: string | undefined; message: string }
  | { outcome: 'failed'; message: string };

export interface EnterOptions {
  /** For the handshake and for the answer to CONNECT, each. */
  timeoutMs: number;
}

/** Connects a member, from nothing. Never rejects. */
export async function enter(stage: Stage, member: Member, { timeoutMs }: EnterOptions): Promise<Attempt> {
  const { recorder } = stage.host;
  const startedAt = performance.now();
  member.actedAt = startedAt;
  member.closingCode = undefined;
  const attempt = await tryToEnter(stage, member, timeoutMs);
  if (attempt.outcome === 'connected') {
    member.state = 'connected';
    recorder.connected(member.wire?.socketId);
    recorder.latency('connect', performance.now() - startedAt);
    void member.wire?.closed.then(({ by }) => {
      recorder.ended();
      if (by === 'server') recorder.count('closures');
    });
  } else {
    member.state = 'refused';
    member.actedAt = performance.now();
    recorder.count(attempt.outcome === 'refused' ? 'refusals' : 'failures');
  }
  return attempt;
}

async function tryToEnter(stage: Stage, member: Member, timeoutMs: number): Promise<Attempt> {
  try {
    const wire = await open(stage, member, timeoutMs);
    stage.attach(member, wire);
    const token = makeToken(stage.host.tokens, member.entrance.user, member.entrance.token);
    const answer = await wire.connect({ auth: token === undefined ? undefined : { token }, timeoutMs });
    if (answer.ok) return { outcome: 'connected' };
    return { outcome: 'refused', code: answer.code, message: answer.message };
  } catch (error) {
    return toAttempt(error);
  }
}

export async function open(stage: Stage, { entrance }: Member, timeoutMs: number): Promise<Wire> {
  const { url, path } = stage.host.target;
  const [first = 'websocket'] = entrance.transports;
  const wire = await openWire(url, { path, transport: first, origin: entrance.origin, timeoutMs, record: 0 });
  try {
    if (first === 'polling' && entrance.transports.includes('websocket')) await wire.upgrade();
  } catch (error) {
    wire.drop();
    throw error;
  }
  return wire;
}

/** A refused origin never gets as far as Socket.IO: it is an answer in HTTP. */
function toAttempt(error: unknown): Attempt {
  if (error instanceof WireError && error.kind === 'http') {
    const { code, message } = (error.json ?? {}) as { code?: string; message?: string };
    if (typeof code === 'string') return { outcome: 'refused', code, message: message ?? '' };
  }
  return { outcome: 'failed', message: error instanceof Error ? error.message : show(error) };
}

/** Leaves orderly: a DISCONNECT, then the end of the connection. */
export async function leave(member: Member): Promise<void> {
  const { wire } = member;
  member.state = 'left';
  if (wire === undefined || wire.closing !== undefined) return;
  wire.resume();
  wire.disconnect();
  await wire.flushed();
  await wire.close();
}

/** Goes without a word, by a TCP reset. */
export function drop(member: Member): void {
  member.state = 'left';
  member.wire?.drop();
}
