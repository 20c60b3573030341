import type { Ready } from '../../contract/events.ts';
import { drop, enter } from '../enter.ts';
import { isConnected, type Member } from '../member.ts';
import { paced } from '../pace.ts';
import { plural, toAmount, toCount } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { newMember, toEntrance } from './connect.ts';
import { request } from './request.ts';
import { defineStep, type Outcome } from './step.ts';

export interface CohortArgs {
  sockets: number | string;
  /** The sockets are dealt out to so many users; by default as many as the server's limit asks for. */
  users?: number | string;
  /** What the users are called; a number follows. */
  user?: string;
  /** Connections a second. */
  rate?: number | string;
  /** A room that each of them joins. */
  join?: string;
  /** The share that stops reading, 0 to 1. */
  slow?: number | string;
  transports?: ('websocket' | 'polling')[];
  /** Sends heartbeats by itself, so that it lives as long as it is needed. Default true. */
  keepAlive?: boolean;
}

const RATE_DEFAULT = 500;
const TIMEOUT_MS = 15_000;
/** Connections are opened a few at a time: at 100 a second, one at a time costs twice as much. */
const BATCH_MS = 100;
const HEARTBEATS_PER_TIMEOUT = 3;

export const cohort = defineStep<CohortArgs>({
  nature: 'both',
  isJudged: () => true,
  describe: (_args, label) => `${label}: all sockets connect`,
  takesMs: ({ sockets, rate }) => (toCount(sockets, 'sockets') / toAmount(rate ?? RATE_DEFAULT, 'rate')) * 1_000,
  async run(args, stage, { label }) {
    const { outcome } = await grow(stage, label, args, toCount(args.sockets, 'sockets'));
    return [outcome];
  },
});

/** Connects more sockets of a cohort, at the rate that was asked for. */
export async function grow(
  stage: Stage,
  label: string,
  args: CohortArgs,
  added: number,
): Promise<{ outcome: Outcome }> {
  const present = stage.members(label);
  const perUser = Number(stage.scope['connectionsPerUser'] ?? 3);
  const users = args.users === undefined ? Math.ceil((present.length + added) / perUser) : toCount(args.users, 'users');
  const prefix = args.user ?? `${label}-${stage.scope['$vu']}`;
  const slowShare = args.slow === undefined ? 0 : toAmount(args.slow, 'slow');
  const outcome: Outcome = { passed: 0, failed: 0 };
  const entering: Promise<void>[] = [];
  const rate = toAmount(args.rate ?? RATE_DEFAULT, 'rate');
  stage.cast.set(label, present);
  // Before the first is in: on a server with a short timeout, the first would be gone before the last has come.
  if (args.keepAlive !== false) keepAlive(stage, label);
  const pace = { perSecond: rate, times: Math.max(0, added), atLeastMs: BATCH_MS };
  await paced(pace, stage.host.recorder, (index) => {
    const at = present.length;
    const user = args.users === undefined ? Math.floor(at / perUser) : at % users;
    const entrance = toEntrance({ user: `${prefix}-${user}`, transports: args.transports ?? ['websocket'] });
    const member = newMember(label, entrance, 0, false);
    member.isSlow = index < added * slowShare;
    present.push(member);
    entering.push(
      settle(stage, member, args.join).then((problem) => {
        if (problem === undefined) {
          outcome.passed += 1;
          if (member.isSlow) member.wire?.pause();
          return;
        }
        outcome.failed += 1;
        outcome.example ??= problem;
        drop(member);
      }),
    );
  });
  await Promise.all(entering);
  if (outcome.failed > 0) outcome.example = `${plural(outcome.failed, 'socket')} did not get in: ${outcome.example}`;
  return { outcome };
}

/** Connects and joins; returns what went wrong. */
async function settle(stage: Stage, member: Member, room: string | undefined): Promise<string | undefined> {
  const attempt = await enter(stage, member, { timeoutMs: TIMEOUT_MS });
  if (attempt.outcome !== 'connected') return attempt.message;
  if (room === undefined || !isConnected(member)) return undefined;
  return request(stage, member, 'room:join', { room }).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** One timer for all: a few heartbeats each tick, so that ten thousand do not come at once. */
function keepAlive(stage: Stage, label: string): void {
  const key = `$keepAlive:${label}`;
  if (stage.scope[key] === true) return;
  stage.scope[key] = true;
  const timeoutMs = Number(stage.scope['heartbeatTimeoutMs'] ?? (60_000 satisfies Ready['heartbeatTimeoutMs']));
  const roundMs = timeoutMs / HEARTBEATS_PER_TIMEOUT;
  const tickMs = Math.min(250, roundMs / 4);
  let at = 0;
  let credit = 0;
  const timer = setInterval(() => {
    const members = stage.members(label);
    credit += (members.length * tickMs) / roundMs;
    for (; credit >= 1; credit -= 1) {
      const member = members[at++ % members.length];
      // Without a payload and without an acknowledgement: the answer is the event `pong`.
      if (member !== undefined && isConnected(member)) member.wire.emit('ping');
    }
  }, tickMs);
  stage.onClose(() => clearInterval(timer));
}
