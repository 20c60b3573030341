import type { Stats } from '../contract/stats.ts';
import { plural } from './quantity.ts';
import type { LeakVerdict } from './result.ts';
import type { ServerWatch } from './server-watch.ts';
import type { SocketRoll } from './socket-roll.ts';

export interface LeakQuestion {
  /** The sockets of the run; `undefined` where nobody else uses the server, so that its totals say all. */
  sockets: SocketRoll | undefined;
  /** How long the server may take to give everything back. */
  settleMs: number;
}

const POLL_MS = 100;

/**
 * Waits until everything that the run took is given back, or the server has had its time for that. Where others come and go
 * meanwhile, totals prove nothing: there, no socket of the run may be left, and no slot without a socket.
 */
export async function judgeLeaks(watch: ServerWatch, { sockets, settleMs }: LeakQuestion): Promise<LeakVerdict> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const now = await watch.ask();
    if (now === undefined) return { status: 'not judged', findings: ['the server did not answer at the end'] };
    const verdict = await look(watch, now, sockets);
    if (verdict.status !== 'leaked' || Date.now() > deadline) return verdict;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function look(watch: ServerWatch, now: Stats, sockets: LeakQuestion['sockets']): Promise<LeakVerdict> {
  if (sockets === undefined) return toVerdict('server', compareTotals(watch.before, now));
  // Not every server that speaks Socket.IO lists its sockets; the verdict says by what it was reached.
  const left = await sockets.findLeft().catch(() => undefined);
  if (left === undefined) {
    const findings = compareTotals(watch.before, now);
    if (findings.length === 0) return toVerdict('server', findings);
    return toVerdict('server', [...findings, 'of this run or of others: the server does not list its sockets']);
  }
  const idle = idleSlots(now) - idleSlots(watch.before);
  return toVerdict('run', [
    ...(left.length > 0 ? [`${plural(left.length, 'socket')} of the run left (${left[0]})`] : []),
    ...(idle > 0 ? [`${plural(idle, 'slot')} held without a connection`] : []),
  ]);
}

const toVerdict = (scope: 'server' | 'run', findings: string[]): LeakVerdict => ({
  status: findings.length === 0 ? 'none' : 'leaked',
  scope,
  findings,
});

const idleSlots = ({ slots, connections }: Stats) => slots - connections;

const LEAKABLE = [
  ['connections', 'connection'],
  ['slots', 'slot'],
  ['users', 'user'],
  ['rooms', 'room'],
] as const;

function compareTotals(before: Stats, now: Stats): string[] {
  return LEAKABLE.flatMap(([key, noun]) => {
    const more = now[key] - before[key];
    return more > 0 ? [`${plural(more, noun)} left (${before[key]} before, ${now[key]} after)`] : [];
  });
}
