import type { AnyRow, SocketDetail } from '../../contract/snapshot.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { age, bytes, clock, count, rate, safe } from '../format.ts';
import { type LineOfSpans, span } from '../spans.ts';
import type { Overlay, TopState } from '../state.ts';
import { wrap } from '../wrap.ts';

type Fact = readonly [name: string, value: string];

/** Everything about one row. That of a socket goes on living; an event and a refusal are what they were. */
export function renderDetail(state: TopState, { row, view }: Overlay & { kind: 'detail' }): LineOfSpans[] {
  const lines = factsOf(state, row).flatMap(([name, value]) => factLines(name, value, state.size.columns));
  const isGone = view === 'sockets' && state.socket === null;
  return [[span(titleOf(row), 'strong'), ...(isGone ? [span('  gone', 'bad')] : [])], ...lines];
}

const NAME_WIDTH = 16;

function factLines(name: string, value: string, columns: number): LineOfSpans[] {
  return wrap(value, Math.max(8, columns - NAME_WIDTH - 2)).map((part, at) => [
    span(`  ${(at === 0 ? name : '').padEnd(NAME_WIDTH)}`, 'dim'),
    span(part),
  ]);
}

function titleOf(row: AnyRow): string {
  if ('correlationId' in row) return `${row.kind === 'refused' ? 'A refusal' : 'A closing'}: ${safe(row.code)}`;
  if ('direction' in row)
    return `An event ${row.direction === 'in' ? 'from a client' : 'to clients'}: ${safe(row.event)}`;
  return `Socket ${safe(row.key)}`;
}

function factsOf({ socket, at, welcome }: TopState, row: AnyRow): Fact[] {
  if ('correlationId' in row && 'kind' in row) {
    return [
      ['why', explainRefusal(row, welcome?.limits)],
      ['at', `${clock(row.at)}, ${age(at - row.at)} ago`],
      ['user', row.userId ?? '-'],
      ['origin', row.origin ?? '-'],
      ['address', row.address],
      ['correlation id', row.correlationId],
    ].map(safeFact);
  }
  if ('direction' in row) {
    return [
      ['at', clock(row.at)],
      [row.direction === 'in' ? 'from' : 'to', row.target],
      ...(row.recipients === undefined ? [] : [['reached', count(row.recipients)]]),
      ['payload', row.payload ?? 'not kept: p keeps those of the events to come'],
    ].map(safeFact);
  }
  return 'transport' in row ? socketFacts(socket ?? row, at) : [];
}

function socketFacts(row: Partial<SocketDetail> & AnyRow, now: number): Fact[] {
  if (!('transport' in row)) return [];
  const { rooms = [], roomCount = 0, connectedAt = now, lastSeen = now, bufferedBytes = 0, eventsPerSecond = 0 } = row;
  const { expiresAt } = row;
  return [
    ['user', row.userId ?? '-'],
    ['rooms', `${roomCount}${roomCount === 0 ? '' : `: ${rooms.join(' ')}`}`],
    ['transport', row.transport ?? '-'],
    ['address', row.address ?? '-'],
    ...(row.node === undefined ? [] : [['node', row.node]]),
    ['origin', row.origin ?? '-'],
    ['connected', `${clock(connectedAt)}, ${age(now - connectedAt)} ago`],
    ['last heartbeat', `${clock(lastSeen)}, ${age(now - lastSeen)} ago`],
    ['waiting for it', bytes(bufferedBytes)],
    ['events a second', rate(eventsPerSecond)],
    [
      'token runs out',
      typeof expiresAt === 'number' ? `in ${age(expiresAt - now)}` : expiresAt === null ? 'never' : '…',
    ],
    ['correlation id', row.correlationId ?? '…'],
  ].map(safeFact);
}

const safeFact = ([name = '', value = '']: readonly string[]): Fact => [name, safe(value)];
