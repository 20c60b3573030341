/** Starts workers in the place of those that have ended, and not faster than they can be worth it. */
export interface Replacements {
  /** @param present how many workers there are */
  refill(present: number): void;
  close(): void;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 30_000;
/** Those that ended within this time make the next one wait. */
const REMEMBERED_MS = 60_000;

/**
 * Each worker may end once in a minute and is replaced at once; from then on the wait doubles, so that workers that cannot
 * live take a start every half minute.
 *
 * @param count how many there are to be
 */
export function createReplacements(count: number, start: () => void): Replacements {
  const timers = new Set<NodeJS.Timeout>();
  let times: number[] = [];
  let isClosed = false;

  function add(): void {
    const now = performance.now();
    times = [...times.filter((time) => now - time < REMEMBERED_MS), now];
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, times.length - count), LONGEST_DELAY_MS);
    const timer = setTimeout(() => {
      timers.delete(timer);
      start();
    }, delayMs);
    timers.add(timer);
  }

  return {
    refill(present) {
      while (!isClosed && present + timers.size < count) add();
    },
    close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
