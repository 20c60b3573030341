import { LONGEST_TIMER_MS } from '../contract/units.ts';

export interface Expiries<Item> {
  /** Replaces what was set before; `undefined` for never. Milliseconds since 1970. */
  set(item: Item, expiresAt: number | undefined): void;
  drop(item: Item): void;
  close(): void;
}

/**
 * Tells when tokens on live sockets run out. Items that end in the same second share a bucket, and one timer waits for the
 * earliest bucket, so that a token which was never near its end costs one entry in a map.
 */
export function createExpiries<Item>(onExpired: (item: Item) => void): Expiries<Item> {
  const buckets = new Map<number, Set<Item>>();
  const bucketOf = new Map<Item, number>();
  let timer: NodeJS.Timeout | undefined;
  let wakesAt = Number.POSITIVE_INFINITY;

  function drop(item: Item): void {
    const at = bucketOf.get(item);
    if (at === undefined) return;
    bucketOf.delete(item);
    const bucket = buckets.get(at);
    bucket?.delete(item);
    if (bucket?.size === 0) buckets.delete(at);
  }

  function sweep(): void {
    wakesAt = Number.POSITIVE_INFINITY;
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [at, bucket] of [...buckets]) {
      if (at > now) {
        next = Math.min(next, at);
        continue;
      }
      for (const item of [...bucket]) {
        drop(item);
        onExpired(item);
      }
    }
    if (buckets.size > 0) wakeAt(next);
  }

  function wakeAt(at: number): void {
    if (at >= wakesAt) return;
    wakesAt = at;
    clearTimeout(timer);
    timer = setTimeout(sweep, Math.min(Math.max(1, at - Date.now()), LONGEST_TIMER_MS));
    timer.unref();
  }

  return {
    set(item, expiresAt) {
      drop(item);
      if (expiresAt === undefined) return;
      const at = Math.ceil(expiresAt / 1_000) * 1_000;
      bucketOf.set(item, at);
      const bucket = buckets.get(at) ?? new Set();
      buckets.set(at, bucket.add(item));
      wakeAt(at);
    },
    drop,
    close() {
      clearTimeout(timer);
      buckets.clear();
      bucketOf.clear();
    },
  };
}
