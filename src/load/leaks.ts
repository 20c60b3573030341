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
    const verdict = await look(watch.before, now, sockets);
    if (verdict.status === 'none' || Date.now() > deadline) return verdict;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function look(before: Stats, now: Stats, sockets: LeakQuestion['sockets']): Promise<LeakVerdict> {
  const [was, is] = [totalsOf(before), totalsOf(now)];
  const isKnown = was !== undefined && is !== undefined;
  const left = await sockets?.findLeft();
  if (left !== undefined) {
    const idle = isKnown ? is.slots - is.connections - (was.slots - was.connections) : 0;
    const findings = [
      ...(left.ids.length > 0 ? [`${plural(left.ids.length, 'socket')} of the run left (${left.ids[0]})`] : []),
      ...(idle > 0 ? [`${plural(idle, 'slot')} held without a connection`] : []),
    ];
    if (findings.length > 0 || (isKnown && left.doubt === undefined)) return toVerdict('run', findings);
  }
  if (!isKnown) return { status: 'not judged', findings: ['not every node of the cluster answered'] };
  const findings = compareTotals(was, is);
  // Whose they are is not known then; the verdict says by what it was reached.
  const doubt = left === undefined || findings.length === 0 ? [] : [`of this run or of others: ${left.doubt}`];
  return toVerdict('server', [...findings, ...doubt]);
}

const toVerdict = (scope: 'server' | 'run', findings: string[]): LeakVerdict => ({
  status: findings.length === 0 ? 'none' : 'leaked',
  scope,
  findings,
});

interface Totals {
  connections: number;
  slots: number;
  users: number;
  rooms: number;
}

const LEAKABLE = [
  ['connections', 'connection'],
  ['slots', 'slot'],
  ['users', 'user'],
  ['rooms', 'room'],
] as const;

/** Of all nodes; `undefined` where one of them did not answer. */
function totalsOf({ connections, slots, users, rooms, cluster }: Stats): Totals | undefined {
  if (cluster === undefined) return { connections, slots, users, rooms };
  if (cluster.missingNodes !== 0) return undefined;
  const sum = (key: 'connections' | 'slots' | 'users') => cluster.nodes.reduce((total, node) => total + node[key], 0);
  // A node knows its own rooms only, and another one may be asked the next time.
  return { connections: sum('connections'), slots: sum('slots'), users: sum('users'), rooms: 0 };
}

function compareTotals(before: Totals, now: Totals): string[] {
  return LEAKABLE.flatMap(([key, noun]) => {
    const more = now[key] - before[key];
    return more > 0 ? [`${plural(more, noun)} left (${before[key]} before, ${now[key]} after)`] : [];
  });
}
