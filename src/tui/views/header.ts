import type { WatchStatus } from '../../client/watch.ts';
import type { NodeHealth } from '../../contract/snapshot.ts';
import { age, bytes, clock, count, counted, plural, rate, safe, sparkline } from '../format.ts';
import { headerLines } from '../layout.ts';
import { joinParts, type LineOfSpans, type Span, span, spreadLine, widthOfLine } from '../spans.ts';
import type { TopState } from '../state.ts';

/** What is true of the whole server: where it is, how many are there, how much goes in and out, how it feels. */
export function renderHeader(state: TopState): LineOfSpans[] {
  const { columns } = state.size;
  const status = statusOf(state.status, state);
  const counts = columns < NARROW ? shortAmounts(state) : amounts(state);
  const gap = columns < NARROW ? '  ' : '   ';
  const lines = headerLines(state);
  return [
    spreadLine(joinParts(identity(state), columns - widthOfLine(status) - 2), status, columns),
    joinParts(lines === 2 ? [...counts, ...health(state)] : counts, columns, gap),
    joinParts(lines === 2 ? [] : [...traffic(state), ...health(state)], columns),
    joinParts(nodes(state), columns),
  ].slice(0, lines);
}

const NARROW = 60;

function identity({ options, welcome, status, lastAt, now, cluster }: TopState): LineOfSpans[] {
  const parts: LineOfSpans[] = [[span('rtserver ', 'strong'), span(safe(options.url), 'accent')]];
  if (welcome === undefined) return parts;
  const until = status.state === 'live' ? (lastAt ?? now) : now;
  parts.push([span(`up ${age(until - welcome.startedAt)}`)], [span(safe(welcome.node), 'dim')]);
  if (cluster !== undefined)
    parts.push([span(`of ${counted(cluster.nodes.length, 'node')}`, isWhole(cluster) ? 'dim' : 'bad')]);
  return parts;
}

type Cluster = NonNullable<TopState['cluster']>;

const isWhole = ({ nodes, missingNodes }: Cluster) =>
  missingNodes === 0 && nodes.every(({ isDraining }) => !isDraining);

/** Each node of a cluster and how it is; those that need looking at come first. */
function nodes({ cluster, gone, lastAt, now }: TopState): LineOfSpans[] {
  if (cluster === undefined) return [];
  const { missingNodes } = cluster;
  const unknown = (missingNodes ?? 0) - cluster.nodes.filter(({ isMissing }) => isMissing).length;
  return [
    ...(missingNodes === null ? [[span('cut off from the other nodes', 'bad')]] : []),
    ...(unknown > 0
      ? [[span(unknown === 1 ? 'a node does not answer' : `${unknown} nodes do not answer`, 'bad')]]
      : []),
    ...gone.map(({ node, at }) => [span(`${safe(node)} gone ${age((lastAt ?? now) - at)} ago`, 'bad')]),
    ...cluster.nodes.toSorted((a, b) => concern(b) - concern(a)).map(nodePart),
  ];
}

const concern = ({ isMissing, isDraining }: NodeHealth) => (isMissing ? 2 : isDraining ? 1 : 0);

function nodePart({ node, connections, isDraining, isMissing, eventLoopDelayMs: lag, rssBytes }: NodeHealth): Span[] {
  if (isMissing) return [span(`${safe(node)} does not answer`, 'bad')];
  return [
    span(`${safe(node)} `, isDraining ? 'warn' : 'plain'),
    span(count(connections), 'strong'),
    ...(isDraining ? [span(' draining', 'warn')] : []),
    span(` lag ${Math.round(lag)} ms`, lag > 100 ? 'bad' : lag > 30 ? 'warn' : 'dim'),
    span(` mem ${bytes(rssBytes)}`, 'dim'),
  ];
}

/** A server that stands still breaks no connection. */
const SILENT_MS = 3_000;
const SILENT_SNAPSHOTS = 4;

function statusOf(status: WatchStatus, { paused, figures, now, lastAt, nextMs, options }: TopState): LineOfSpans {
  switch (status.state) {
    case 'connecting':
      return [span('connecting …', 'warn')];
    case 'refused':
      return [span('refused', 'bad')];
    case 'lost':
      return [span(`LOST ${clock(status.since)}, ${age(now - status.since)} ago`, 'bad')];
    case 'live':
      if (paused !== undefined) return [span(`PAUSED, ${count(paused.missed)} missed`, 'warn')];
      if (
        lastAt !== undefined &&
        now - lastAt > Math.max(SILENT_MS, SILENT_SNAPSHOTS * options.intervalMs, nextMs + SILENT_MS)
      )
        return [span(`no answer for ${age(now - lastAt)}`, 'bad')];
      return figures?.isDraining === true ? [span('draining', 'warn')] : [span('● live', 'good')];
  }
}

function amounts({ figures, welcome }: TopState): LineOfSpans[] {
  if (figures === undefined) return [[span('waiting for the first snapshot', 'dim')]];
  const { connections, users, rooms, slow } = figures;
  const limit = welcome?.limits.connections ?? null;
  const isNear = limit !== null && connections >= limit * 0.9;
  return [
    [
      span(count(connections), isNear ? 'bad' : 'strong'),
      span(` ${limit === null ? '' : `of ${count(limit)} `}${plural(limit ?? connections, 'connection')}`),
    ],
    amount(users, 'user'),
    amount(rooms, 'room'),
    ...(slow > 0 ? [[span(`${count(slow)} slow`, 'bad')]] : []),
    ...refusedParts(figures.refusedLastMinute, figures.refusedAtLeast),
    ...(welcome === undefined ? [] : [[span(`limit ${welcome.limits.connectionsPerUser} a user`, 'dim')]]),
  ];
}

const amount = (value: number, noun: string) => [span(count(value), 'strong'), span(` ${plural(value, noun)}`)];

/** The same for a narrow screen: shorter, and what is wrong before what is merely so. */
function shortAmounts({ figures }: TopState): LineOfSpans[] {
  if (figures === undefined) return [[span('waiting for the first snapshot', 'dim')]];
  const { connections, users, rooms, slow } = figures;
  return [
    [span(count(connections), 'strong'), span(' conn')],
    ...refusedParts(figures.refusedLastMinute, figures.refusedAtLeast).slice(0, 1),
    ...(slow > 0 ? [[span(`${count(slow)} slow`, 'bad')]] : []),
    amount(users, 'user'),
    amount(rooms, 'room'),
  ];
}

/** `3 refused/min: TOKEN_EXPIRED 2, …`, the most frequent first; shorter where that is too long. */
function refusedParts(byCode: Readonly<Record<string, number>>, isAtLeast: boolean): LineOfSpans[] {
  const codes = Object.entries(byCode).sort(([, a], [, b]) => b - a);
  const total = codes.reduce((sum, [, each]) => sum + each, 0);
  if (total === 0) return [];
  const parts: Span[][] = [[span(`${count(total)}${isAtLeast ? '+' : ''} refused/min`, 'bad')]];
  for (const [code, each] of codes.slice(0, 3)) parts.push([span(`${safe(code)} ${count(each)}`, 'dim')]);
  return parts;
}

function traffic({ received, delivered, size }: TopState): LineOfSpans[] {
  const width = Math.max(8, Math.min(40, Math.floor((size.columns - 66) / 2)));
  const part = (name: string, values: readonly number[], tone: 'accent' | 'good') => [
    span(`${name} `, 'dim'),
    span(rate(lately(values)).padStart(5), 'strong'),
    span('/s '),
    span(sparkline(values, width), tone),
  ];
  return [part('in', received, 'accent'), part('out', delivered, 'good')];
}

/** A single half second says little. */
function lately(values: readonly number[]): number {
  const last = values.slice(-3);
  return last.length === 0 ? 0 : last.reduce((sum, value) => sum + value, 0) / last.length;
}

function health({ figures, cpuShare }: TopState): LineOfSpans[] {
  if (figures === undefined) return [];
  const { eventLoopDelayMs: lag, rssBytes } = figures;
  return [
    [
      span('lag ', 'dim'),
      span(`${lag < 10 ? lag.toFixed(1) : Math.round(lag)} ms`, lag > 100 ? 'bad' : lag > 30 ? 'warn' : 'plain'),
    ],
    [span('mem ', 'dim'), span(bytes(rssBytes))],
    [span('cpu ', 'dim'), span(`${Math.round(cpuShare * 100)}%`, cpuShare > 0.9 ? 'bad' : 'plain')],
  ];
}
