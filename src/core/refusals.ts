import type { Page, RefusalInfo } from '../contract/resources.ts';

/** The last ones are kept. */
export const REFUSALS_KEPT = 1_000;
const PLACES_PER_MS = 4_096;

/** One with its place among those of all nodes: larger is newer. */
export interface OrderedRefusal extends RefusalInfo {
  order: number;
}

/** The last refusals and closings, newest first. */
export interface RefusalLog {
  record(refusal: RefusalInfo): void;
  list(): RefusalInfo[];
  /**
   * @param cursor `next` of the page before: it stays true while new ones come
   */
  page(limit: number, cursor?: number): Page<OrderedRefusal>;
}

interface Entry {
  order: number;
  refusal: RefusalInfo;
}

export function createRefusalLog(): RefusalLog {
  const ring: Entry[] = [];
  let count = 0;
  let newest = 0;

  const entries = () => [...ring.slice(count % REFUSALS_KEPT), ...ring.slice(0, count % REFUSALS_KEPT)].reverse();

  return {
    record(refusal) {
      // By time first, so that those of several nodes can be told apart and put in order.
      newest = Math.max(newest + 1, refusal.at * PLACES_PER_MS);
      ring[count % REFUSALS_KEPT] = { order: newest, refusal };
      count++;
    },
    list: () => entries().map(({ refusal }) => refusal),
    page(limit, cursor = Number.POSITIVE_INFINITY) {
      const older = entries().filter(({ order }) => order < cursor);
      const items = older.slice(0, limit).map(({ order, refusal }) => ({ ...refusal, order }));
      const last = items.at(-1);
      return { items, ...(older.length > limit && last !== undefined && { next: String(last.order) }) };
    },
  };
}
