import type { Page, RoomInfo, UserInfo } from '../contract/resources.ts';
import { countUnion, membersSketched } from './distinct.ts';
import type { SketchedRoom } from './listing.ts';

export type Part<Item> = Pick<Page<Item>, 'items' | 'next'>;

/**
 * One page out of one of each node, all of the same size and in the order of their keys. What stands in it is complete: a
 * node that has more has filled its page, so none of the first `limit` keys can be beyond it.
 *
 * @param combine makes one item of those that have the same key
 */
export function mergePages<Item, Shown>(
  parts: readonly Part<Item>[],
  limit: number,
  keyOf: (item: Item) => string,
  combine: (items: [Item, ...Item[]]) => Shown,
): Page<Shown> {
  const byKey = new Map<string, [Item, ...Item[]]>();
  for (const item of parts.flatMap(({ items }) => items)) {
    const same = byKey.get(keyOf(item));
    if (same === undefined) byKey.set(keyOf(item), [item]);
    else same.push(item);
  }
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  const page = sorted.slice(0, limit);
  const last = page.at(-1);
  const isMore = sorted.length > limit || parts.some(({ next }) => next !== undefined);
  return { items: page.map(([, items]) => combine(items)), ...(isMore && last !== undefined && { next: last[0] }) };
}

export function mergeRooms(parts: readonly Part<SketchedRoom>[], limit: number): Page<RoomInfo> {
  return mergePages(
    parts,
    limit,
    ({ room }) => room,
    (same) => ({
      room: same[0].room,
      sockets: same.reduce((sum, { sockets }) => sum + sockets, 0),
      // A user may be in the room on several nodes.
      users: countUnion(same, membersSketched(limit)),
    }),
  );
}

export function mergeUsers(parts: readonly Part<UserInfo>[], limit: number): Page<UserInfo> {
  return mergePages(
    parts,
    limit,
    ({ userId }) => userId,
    (same) => ({
      userId: same[0].userId,
      sockets: same.reduce((sum, { sockets }) => sum + sockets, 0),
      connectedAt: Math.min(...same.map(({ connectedAt }) => connectedAt)),
    }),
  );
}
