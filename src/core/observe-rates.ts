/** How often something happened lately, by what it happened to. */
export interface RateWindow<Key> {
  count(key: Key): void;
  /** A second, over the last two to four. */
  rateOf(key: Key): number;
  /** Forgets what is too old. */
  tick(): void;
}

const HALF_MS = 2_000;

/** Two halves, of which the older one is dropped whole: nothing is kept for a key that has gone quiet. */
export function createRateWindow<Key>(now: () => number = () => performance.now()): RateWindow<Key> {
  let older = new Map<Key, number>();
  let newer = new Map<Key, number>();
  let since = now();
  let turnedAt = since;

  return {
    count: (key) => void newer.set(key, (newer.get(key) ?? 0) + 1),
    rateOf(key) {
      const count = (older.get(key) ?? 0) + (newer.get(key) ?? 0);
      // Under a second there is nothing to divide by that would not make one event look like many.
      return count === 0 ? 0 : Math.round((count / Math.max(1, (now() - since) / 1_000)) * 10) / 10;
    },
    tick() {
      const at = now();
      if (at - turnedAt < HALF_MS) return;
      since = turnedAt;
      turnedAt = at;
      older = newer;
      newer = new Map();
    },
  };
}
