import { formatDuration } from '../../contract/units.ts';
import { type Attempt, drop, enter, open } from '../enter.ts';
import { Mailbox } from '../mailbox.ts';
import type { Entrance, Member } from '../member.ts';
import { plural, toCount, toMs } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { makeToken, type TokenWish } from '../tokens.ts';
import { Unmet } from '../unmet.ts';
import { latestBatch, nameOf } from './sockets.ts';
import { defineStep } from './step.ts';

interface Refused {
  refused: string;
  /** The very words. */
  message?: string;
  /** So many must get in all the same; the others must be refused. */
  connected?: number | string;
}

export interface ConnectArgs {
  user: string;
  token?: unknown;
  claims?: Record<string, unknown>;
  origin?: string;
  transports?: ('websocket' | 'polling')[];
  expect?: 'connected' | Refused;
  count?: number | string;
  /** Tries again until then. */
  within?: number | string;
  /** Sends CONNECT and drops the TCP connection at once, without waiting for the answer. */
  abandon?: boolean;
}

const TIMEOUT_MS = 5_000;
const RETRY_MS = 25;

export const connect = defineStep<ConnectArgs>({
  nature: 'both',
  isJudged: ({ abandon }) => abandon !== true,
  describe({ expect = 'connected', count = 1, abandon }, label) {
    const many = count === 1 ? '' : ` ×${count}`;
    if (abandon) return `${nameOf(label)}${many} drops while it connects`;
    if (expect === 'connected') return `${nameOf(label)}${many} connects`;
    const some = expect.connected === undefined ? '' : `${expect.connected} get in, the rest `;
    return `${nameOf(label)}${many}: ${some}refused with ${expect.refused}`;
  },
  async run(args, stage, { label }) {
    const count = args.count === undefined ? 1 : toCount(args.count, 'count');
    const entrance = toEntrance(args);
    if (args.abandon) {
      await abandon(stage, entrance, label, count);
      return;
    }
    const deadline = performance.now() + (args.within === undefined ? 0 : toMs(args.within, 'within'));
    for (;;) {
      const { members, attempts } = await openAll(stage, entrance, label, count);
      const problem = judge(attempts, args);
      if (problem === undefined) {
        stage.cast.set(label, [...stage.members(label), ...members]);
        return;
      }
      for (const member of members) {
        if (member.wire !== undefined) stage.detach(member.wire);
        drop(member);
      }
      if (performance.now() >= deadline) {
        const late = args.within === undefined ? '' : ` (tried for ${formatDuration(toMs(args.within, 'within'))})`;
        throw new Unmet(`${problem}${late}`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  },
});

export function toEntrance({ user, token, claims, origin, transports }: ConnectArgs): Entrance {
  return { user: String(user), token: toWish(token, claims), origin, transports: transports ?? ['websocket'] };
}

export function toWish(token: unknown, claims?: Record<string, unknown>): TokenWish {
  if (token === undefined) return claims === undefined ? 'valid' : { claims };
  if (typeof token === 'object' && token !== null) {
    const { expiresIn, claims: more } = token as { expiresIn?: unknown; claims?: Record<string, unknown> };
    return {
      expiresIn: expiresIn === undefined ? undefined : toMs(expiresIn, 'expiresIn'),
      claims: { ...claims, ...more },
    };
  }
  const word = String(token);
  const isWish = ['valid', 'expired', 'forged', 'tampered', 'none'].includes(word);
  return isWish ? (word as TokenWish) : { literal: word };
}

async function openAll(stage: Stage, entrance: Entrance, label: string, count: number) {
  const batch = latestBatch(stage.members(label)) + 1;
  const members = Array.from({ length: count }, () => newMember(label, entrance, batch));
  const attempts = await Promise.all(members.map((member) => enter(stage, member, { timeoutMs: TIMEOUT_MS })));
  return { members, attempts };
}

export function newMember(label: string, entrance: Entrance, batch = 0, mailbox = true): Member {
  return {
    label,
    entrance,
    batch,
    wire: undefined,
    state: 'left',
    actedAt: performance.now(),
    closingCode: undefined,
    mailbox: mailbox ? new Mailbox() : undefined,
    isSlow: false,
  };
}

/** What is wrong with these attempts, if anything. */
function judge(attempts: readonly Attempt[], { expect = 'connected' }: ConnectArgs): string | undefined {
  const failed = attempts.find((attempt) => attempt.outcome === 'failed');
  if (failed?.outcome === 'failed') return `neither connected nor refused: ${failed.message}`;
  const refusals = attempts.filter((attempt) => attempt.outcome === 'refused');
  const entered = attempts.length - refusals.length;
  if (expect === 'connected') {
    const [first] = refusals;
    if (first === undefined) return undefined;
    const share = attempts.length === 1 ? '' : ` (${refusals.length} of ${attempts.length})`;
    return `refused with ${first.code ?? 'no code'}: ${first.message}${share}`;
  }
  const allowed = expect.connected === undefined ? 0 : toCount(expect.connected, 'expect.connected');
  if (entered !== allowed) {
    return attempts.length === 1
      ? `it was let in, and should have been refused with ${expect.refused}`
      : `${entered} of ${attempts.length} were let in, and it should have been ${allowed}`;
  }
  const wrong = refusals.find(
    ({ code, message }) => code !== expect.refused || (expect.message !== undefined && message !== expect.message),
  );
  if (wrong === undefined) return undefined;
  const wanted = expect.message === undefined ? expect.refused : `${expect.refused}: ${expect.message}`;
  return `refused with ${wrong.code ?? 'no code'}: ${wrong.message}; it should have been ${wanted}`;
}

/** Raises what a handshake raises on the server, and goes before it is through. */
async function abandon(stage: Stage, entrance: Entrance, label: string, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const wire = await open(stage, newMember(label, entrance), TIMEOUT_MS).catch((error: Error) => {
        throw new Unmet(`could not open any of ${plural(count, 'connection')}: ${error.message}`);
      });
      wire.connect({ auth: { token: makeToken(stage.host.tokens, entrance.user, entrance.token) } }).catch(() => {});
      await wire.flushed();
      wire.drop();
      await wire.closed;
    }),
  );
}
