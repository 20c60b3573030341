import type { Snapshot, Welcome } from '../contract/snapshot.ts';
import { columnsOf } from './columns.ts';
import { age, bytes, count, counted, safe } from './format.ts';
import { textOf } from './spans.ts';
import { placeColumns, renderHead, renderRow } from './table.ts';

/** One snapshot as text: the figures, then the rows. No screen, no colours. */
export function renderOnce(
  { figures, view, rows, at, matching, reach = matching, cluster }: Snapshot,
  { limits, node, startedAt, serverVersion }: Welcome,
  columns: number,
): string {
  const placed = placeColumns(columnsOf(view, { hasPayloads: false, isClustered: cluster !== undefined }), columns);
  const refused = Object.entries(figures.refusedLastMinute).map(([code, times]) => `${code} ${times}`);
  const head = [
    `rtserver ${serverVersion} on ${node}, up ${age(at - startedAt)}`,
    `${counted(figures.connections, 'connection')}, ${counted(figures.users, 'user')}, ${counted(figures.rooms, 'room')}, ${count(figures.slow)} slow`,
    `${counted(figures.received, 'event')} received, ${count(figures.emitted)} emitted, ${count(figures.delivered)} delivered`,
    `event loop ${figures.eventLoopDelayMs} ms late, memory ${bytes(figures.rssBytes)}`,
    ...nodeLines(cluster),
    `refused in the last minute: ${refused.join(', ') || 'nobody'}`,
  ];
  const table = [
    renderHead(placed, '', false),
    ...rows.map((row) => renderRow(placed, row, { now: at, limits }, false)),
  ];
  const lines = table.map((spans) => textOf(spans).slice(2).trimEnd());
  const hint = rows.length < reach ? '--limit N' : 'out of reach but for --filter or another --sort';
  const more = matching > rows.length ? [`and ${count(matching - rows.length)} more: ${hint}`] : [];
  return [...head, '', ...lines, ...more].map(safe).join('\n');
}

function nodeLines(cluster: Snapshot['cluster']): string[] {
  if (cluster === undefined) return [];
  const { nodes, missingNodes } = cluster;
  const lines = nodes.map(({ node, connections, eventLoopDelayMs, rssBytes, isDraining, isMissing }) =>
    isMissing
      ? `node ${node}: does not answer`
      : `node ${node}: ${counted(connections, 'connection')}, ${eventLoopDelayMs} ms late, ${bytes(rssBytes)}${isDraining ? ', draining' : ''}`,
  );
  if (missingNodes === 0) return lines;
  return [
    ...lines,
    missingNodes === null ? 'cut off from the other nodes' : `${counted(missingNodes, 'node')} did not answer`,
  ];
}
