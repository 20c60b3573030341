import type { Recorder } from './recorder.ts';

/** What is sent later than this counts as late: the generator could not keep up. */
const LATE_MS = 50;

export interface Pace {
  perSecond: number;
  /** How often in all: exactly so often, and not at all where it is 0. */
  times: number;
  /** Sleeps so long between: where nobody minds, a batch costs far less than each alone. */
  atLeastMs?: number;
}

/** So many a second for so long; the first at once. */
export const paceFor = (perSecond: number, durationMs: number): Pace => ({
  perSecond,
  times: Math.ceil(Number(((perSecond * durationMs) / 1_000).toFixed(6))),
});

/**
 * Calls `send` by the clock: a stall is caught up with, and each call is told when it was due, so that a latency counts from
 * then (no coordinated omission).
 */
export async function paced(
  { perSecond, times, atLeastMs = 0 }: Pace,
  recorder: Recorder,
  send: (index: number, dueAt: number) => void,
): Promise<void> {
  if (perSecond <= 0 && times > 0) throw new TypeError('"rate" must be more than 0');
  const startedAt = performance.now();
  for (let index = 0; index < times; ) {
    const now = performance.now();
    const due = Math.min(times, Math.floor(((now - startedAt) * perSecond) / 1_000) + 1);
    for (; index < due; index += 1) {
      const dueAt = startedAt + (index * 1_000) / perSecond;
      // What waits for its batch is not late: that is the pace.
      if (now - dueAt > LATE_MS + atLeastMs) recorder.count('lateSends');
      send(index, dueAt);
    }
    if (index >= times) return;
    const nextMs = startedAt + (index * 1_000) / perSecond - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(nextMs, atLeastMs)));
  }
}
