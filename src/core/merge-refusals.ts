import type { Page, RefusalInfo } from '../contract/resources.ts';
import type { Part } from './merge-pages.ts';
import type { OrderedRefusal } from './refusals.ts';

/**
 * One page of the refusals of all nodes, newest first. Two nodes may have given the same place: then the name of the node
 * decides, and the cursor has it too, so that a page may end between them.
 */
export function mergeRefusals(parts: readonly Part<OrderedRefusal>[], limit: number): Page<RefusalInfo> {
  const all = parts.flatMap(({ items }) => items).sort((a, b) => b.order - a.order || (nodeOf(a) < nodeOf(b) ? -1 : 1));
  const items = all.slice(0, limit);
  const last = items.at(-1);
  const isMore = all.length > limit || parts.some(({ next }) => next !== undefined);
  return {
    items: items.map(({ order, ...refusal }) => refusal),
    ...(isMore && last !== undefined && { next: `${last.order}:${nodeOf(last)}` }),
  };
}

/** Where a node goes on after a page that ended at `cursor`: what has a smaller place comes now. */
export function placeAfter(cursor: string | undefined, node: string): number {
  if (cursor === undefined) return Number.POSITIVE_INFINITY;
  const [, order, last = ''] = /^(\d+):?(.*)$/.exec(cursor) ?? [];
  // Of the same place, those whose names come later have not been shown.
  return Number(order) + (last !== '' && node > last ? 1 : 0);
}

const nodeOf = ({ node = '' }: OrderedRefusal) => node;
