import { type Fields, parseFilter } from './observe-filter.ts';

/** Things that a view shows as rows. Reading a field must be cheap: it is done for all of them. */
export interface Source<Item, Row> {
  items: readonly Item[];
  /** What a filter looks at. */
  fields: Fields<Item>;
  /** Sort name to what is compared. */
  sorts: Readonly<Record<string, (item: Item) => string | number>>;
  /** Only of the rows that are shown. */
  describe(item: Item): Row;
}

export interface PageQuery {
  filter: string;
  sort: string;
  reverse: boolean;
  offset: number;
  size: number;
}

export interface RowPage<Row> {
  rows: Row[];
  matching: number;
  all: number;
  offset: number;
}

/** The rows of a page, filtered and sorted. */
export function takePage<Item, Row>(
  { items, fields, sorts, describe }: Source<Item, Row>,
  query: PageQuery,
): RowPage<Row> {
  const test = parseFilter(query.filter, fields);
  const found = test === undefined ? items : items.filter(test);
  const offset = Math.max(0, Math.min(query.offset, found.length - query.size));
  const read = Object.hasOwn(sorts, query.sort) ? sorts[query.sort] : undefined;
  const page =
    read === undefined
      ? (query.reverse ? found.toReversed() : found).slice(offset, offset + query.size)
      : smallest(found, read, query.reverse, offset + query.size).slice(offset);
  return { rows: page.map(describe), matching: found.length, all: items.length, offset };
}

interface Entry<Item> {
  item: Item;
  key: string | number;
  /** Decides between equal keys, so that rows do not change places by themselves. */
  at: number;
}

/** Numbers come largest first, names from A to Z. */
export function inOrder(a: string | number, b: string | number, reverse: boolean): number {
  if (a === b) return 0;
  return (a < b ? -1 : 1) * (typeof a === 'number' ? -1 : 1) * (reverse ? -1 : 1);
}

/** The first `count` in order: what is not shown is never sorted. */
function smallest<Item>(
  items: readonly Item[],
  read: (item: Item) => string | number,
  reverse: boolean,
  count: number,
): Item[] {
  const order = (a: string | number, b: string | number) => inOrder(a, b, reverse);
  const compare = (a: Entry<Item>, b: Entry<Item>) => order(a.key, b.key) || a.at - b.at;
  // The `count` best so far; its last one is beaten by whatever belongs among them.
  let best: Entry<Item>[] = [];
  let last: Entry<Item> | undefined;
  const limit = Math.max(64, count * 2);
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as Item;
    const key = read(item);
    // Of equal keys the earlier one is better, and that is the one which is there.
    if (last !== undefined && order(key, last.key) >= 0) continue;
    best.push({ item, key, at });
    if (best.length < limit) continue;
    best.sort(compare);
    best = best.slice(0, count);
    last = best.at(-1);
  }
  return best
    .sort(compare)
    .slice(0, count)
    .map(({ item }) => item);
}
