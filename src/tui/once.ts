import type { Snapshot, Welcome } from '../contract/snapshot.ts';
import { columnsOf } from './columns.ts';
import { age, bytes, count } from './format.ts';
import { textOf } from './spans.ts';
import { placeColumns, renderHead, renderRow } from './table.ts';

/** One snapshot as text: the figures, then the rows. No screen, no colours. */
export function renderOnce(
  { figures, view, rows, at, matching }: Snapshot,
  { limits, node, startedAt, serverVersion }: Welcome,
  columns: number,
): string {
  const placed = placeColumns(columnsOf(view, false), columns);
  const refused = Object.entries(figures.refusedLastMinute).map(([code, times]) => `${code} ${times}`);
  const head = [
    `rtserver ${serverVersion} on ${node}, up ${age(at - startedAt)}`,
    `${count(figures.connections)} connections, ${count(figures.users)} users, ${count(figures.rooms)} rooms, ${count(figures.slow)} slow`,
    `${count(figures.received)} events received, ${count(figures.emitted)} emitted, ${count(figures.delivered)} deliveries`,
    `event loop ${figures.eventLoopDelayMs} ms late, memory ${bytes(figures.rssBytes)}`,
    `refused in the last minute: ${refused.join(', ') || 'nobody'}`,
  ];
  const table = [
    renderHead(placed, '', false),
    ...rows.map((row) => renderRow(placed, row, { now: at, limits }, false)),
  ];
  const lines = table.map((spans) => textOf(spans).slice(2).trimEnd());
  const more = matching > rows.length ? [`and ${count(matching - rows.length)} more`] : [];
  return [...head, '', ...lines, ...more].join('\n');
}
