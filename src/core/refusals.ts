import type { Page, RefusalInfo } from '../contract/resources.ts';

const KEPT = 1_000;

/** The last refusals and closings, newest first. */
export interface RefusalLog {
  record(refusal: RefusalInfo): void;
  list(): RefusalInfo[];
  /**
   * @param cursor `next` of the page before: it stays true while new ones come
   */
  page(limit: number, cursor?: number): Page<RefusalInfo>;
}

export function createRefusalLog(): RefusalLog {
  const ring: RefusalInfo[] = [];
  let count = 0;

  const list = () => [...ring.slice(count % KEPT), ...ring.slice(0, count % KEPT)].reverse();

  return {
    record(refusal) {
      ring[count % KEPT] = refusal;
      count++;
    },
    list,
    page(limit, cursor = count) {
      const kept = list();
      // The newest has number `count - 1`; a cursor is the number above the first one to show.
      const from = Math.max(0, count - cursor);
      const items = kept.slice(from, from + limit);
      const next = from + limit < kept.length ? count - from - limit : undefined;
      return { items, ...(next !== undefined && { next: String(next) }) };
    },
  };
}
