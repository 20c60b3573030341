import { setTimeout as wait } from 'node:timers/promises';

/** Between two closings; a window wider than this for each connection would only make a small server slow to stop. */
const WIDEST_STEP_MS = 100;

/**
 * Ends connections one after the other over a window, so that not all of them come back to the next server in the same
 * instant.
 *
 * @param spreadMs the window
 */
export async function closeOverWindow<Item>(items: readonly Item[], spreadMs: number, close: (item: Item) => void) {
  const stepMs = Math.min(WIDEST_STEP_MS, spreadMs / Math.max(1, items.length));
  const startedAt = performance.now();
  for (const [index, item] of items.entries()) {
    const aheadMs = startedAt + index * stepMs - performance.now();
    if (aheadMs >= 1) await wait(aheadMs);
    close(item);
  }
}
