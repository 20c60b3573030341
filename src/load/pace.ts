import type { Recorder } from './recorder.ts';

/** What is sent later than this counts as late: the generator could not keep up. */
const LATE_MS = 50;

/**
 * Calls `send` so many times a second for so long, by the clock: a stall is caught up with, and each call is told when it was
 * due, so that a latency counts from then (no coordinated omission).
 *
 * @param atLeastMs sleeps so long between: where nobody minds, a batch costs far less than each alone
 */
export async function paced(
  perSecond: number,
  durationMs: number,
  recorder: Recorder,
  send: (index: number, dueAt: number) => void | Promise<void>,
  atLeastMs = 0,
): Promise<void> {
  if (perSecond <= 0) return;
  const startedAt = performance.now();
  const total = Math.max(1, Math.round((perSecond * durationMs) / 1_000));
  for (let index = 0; index < total; ) {
    const now = performance.now();
    const due = Math.min(total, Math.floor(((now - startedAt) * perSecond) / 1_000) + 1);
    for (; index < due; index += 1) {
      const dueAt = startedAt + (index * 1_000) / perSecond;
      if (now - dueAt > LATE_MS) recorder.count('lateSends');
      const sent = send(index, dueAt);
      if (sent !== undefined) await sent;
    }
    if (index >= total) return;
    const nextMs = startedAt + (index * 1_000) / perSecond - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(nextMs, atLeastMs)));
  }
}
