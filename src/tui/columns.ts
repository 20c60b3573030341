import {
  type AnyRow,
  type EventRow,
  type RefusalRow,
  type RoomRow,
  type RowOf,
  SORTS,
  type SocketRow,
  type UserRow,
  type ViewName,
} from '../contract/snapshot.ts';
import { explainRefusal } from './explain-refusal.ts';
import { age, bar, bytes, clock, count, rate, safe } from './format.ts';
import { type Span, span, type Tone } from './spans.ts';
import type { CellContext, Column } from './table.ts';

const RATE: Column<{ eventsPerSecond: number }> = {
  title: 'EVENTS/S',
  width: 9,
  align: 'right',
  sort: 'events',
  rank: 2,
  cell: ({ eventsPerSecond }) => span(rate(eventsPerSecond), eventsPerSecond === 0 ? 'dim' : 'plain'),
};

const rooms: readonly Column<RoomRow>[] = [
  { title: 'ROOM', width: 12, share: 1, most: 56, sort: 'room', rank: 0, cell: ({ room }) => span(safe(room)) },
  { title: 'SOCKETS', width: 8, align: 'right', sort: 'sockets', rank: 0, cell: ({ sockets }) => span(count(sockets)) },
  { title: 'USERS', width: 7, align: 'right', sort: 'users', rank: 1, cell: ({ users }) => span(count(users)) },
  RATE,
];

const sockets: readonly Column<SocketRow>[] = [
  { title: 'USER', width: 14, share: 2, most: 40, sort: 'user', rank: 0, cell: ({ userId }) => span(safe(userId)) },
  { title: 'ROOMS', width: 16, share: 3, most: 70, sort: 'rooms', rank: 3, cell: roomsCell },
  { title: 'SOCKET', width: 20, rank: 7, cell: ({ id }) => span(safe(id), 'dim') },
  { title: 'VIA', width: 4, rank: 6, cell: ({ transport }) => transportCell(transport) },
  { title: 'ADDRESS', width: 15, rank: 8, cell: ({ address }) => span(safe(address), 'dim') },
  { title: 'AGE', width: 7, align: 'right', sort: 'connected', isSince: true, rank: 4, cell: ageCell },
  { title: 'HEARTBEAT', width: 12, sort: 'seen', rank: 0, cell: heartbeatCell },
  { title: 'BUFFER', width: 7, align: 'right', sort: 'buffered', rank: 5, cell: bufferCell },
  RATE,
];

const users: readonly Column<UserRow>[] = [
  { title: 'USER', width: 10, share: 1, most: 40, sort: 'user', rank: 0, cell: ({ userId }) => span(safe(userId)) },
  { title: 'CONNECTIONS', width: 18, sort: 'sockets', rank: 0, cell: connectionsCell },
  { title: 'SINCE', width: 8, align: 'right', sort: 'connected', isSince: true, rank: 1, cell: ageCell },
  { title: 'HEARTBEAT', width: 12, rank: 3, cell: heartbeatCell },
  RATE,
];

const events: readonly Column<EventRow>[] = [
  { title: 'TIME', width: 8, sort: 'time', rank: 2, cell: ({ at }) => span(clock(at), 'dim') },
  {
    title: '',
    width: 3,
    rank: 0,
    cell: ({ direction }) => (direction === 'in' ? span('in ', 'accent') : span('out', 'good')),
  },
  { title: 'EVENT', width: 10, share: 1, most: 40, sort: 'event', rank: 0, cell: ({ event }) => span(safe(event)) },
  { title: 'FROM/TO', width: 13, share: 1, most: 60, rank: 0, cell: ({ target }) => span(safe(target)) },
  {
    title: 'REACHED',
    width: 8,
    align: 'right',
    sort: 'recipients',
    rank: 1,
    cell: ({ recipients }) =>
      span(recipients === undefined ? '' : count(recipients), recipients === 0 ? 'warn' : 'plain'),
  },
];

const payload: Column<EventRow> = {
  title: 'PAYLOAD',
  width: 16,
  share: 3,
  rank: 1,
  cell: (row) => span(row.payload === undefined ? '' : safe(row.payload), 'dim'),
};

const refusals: readonly Column<RefusalRow>[] = [
  { title: 'TIME', width: 8, sort: 'time', rank: 0, cell: ({ at }) => span(clock(at), 'dim') },
  { title: 'WHAT', width: 7, rank: 4, cell: ({ kind }) => span(safe(kind), kind === 'refused' ? 'bad' : 'warn') },
  { title: 'CODE', width: 24, share: 1, most: 24, sort: 'code', rank: 0, cell: ({ code }) => span(safe(code)) },
  { title: 'USER', width: 8, share: 1, most: 30, sort: 'user', rank: 0, cell: ({ userId }) => optional(userId) },
  { title: 'ORIGIN', width: 10, share: 1, most: 40, rank: 2, cell: ({ origin }) => optional(origin) },
  {
    title: 'CORRELATION ID',
    width: 14,
    share: 1,
    most: 36,
    rank: 3,
    cell: ({ correlationId }) => span(safe(correlationId), 'dim'),
  },
  { title: 'ADDRESS', width: 15, rank: 5, cell: ({ address }) => span(safe(address), 'dim') },
  {
    title: 'WHY',
    width: 30,
    share: 2,
    rank: 6,
    cell: (row, { limits }) => span(safe(explainRefusal(row, limits)), 'dim'),
  },
];

const COLUMNS: { [View in ViewName]: readonly Column<RowOf[View]>[] } = { rooms, sockets, users, events, refusals };

const NODE: Column<{ node?: string }> = {
  title: 'NODE',
  width: 12,
  share: 0.5,
  most: 30,
  keepsEnd: true,
  rank: 4,
  cell: ({ node }) => optional(node),
};

/** The columns of a view, most of them for wide screens only. */
export function columnsOf(
  view: ViewName,
  { hasPayloads, isClustered }: { hasPayloads: boolean; isClustered: boolean },
): readonly Column<AnyRow>[] {
  const columns: unknown[] = view === 'events' && hasPayloads ? [...events, payload] : [...COLUMNS[view]];
  // After the first two, which say what the row is: the other columns go sooner.
  if (isClustered && view !== 'rooms' && view !== 'users') columns.splice(2, 0, NODE);
  return columns as readonly Column<AnyRow>[];
}

/** The sort that somebody means who types its name, or the title of a column, in whatever case. */
export function sortNamed(view: ViewName, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const sorts: readonly string[] = SORTS[view];
  if (sorts.includes(wanted)) return wanted;
  return COLUMNS[view].find(({ title }) => title.toLowerCase() === wanted)?.sort;
}

function optional(text: string | undefined): Span {
  return text === undefined ? span('-', 'dim') : span(safe(text));
}

function transportCell(transport: SocketRow['transport']): Span {
  return transport === 'websocket' ? span('ws', 'dim') : span('poll', 'warn');
}

function ageCell({ connectedAt }: { connectedAt: number }, { now }: CellContext): Span {
  return span(age(now - connectedAt));
}

function roomsCell({ rooms: shown, roomCount }: SocketRow): Span {
  if (roomCount === 0) return span('-', 'dim');
  const more = roomCount > shown.length ? ` +${roomCount - shown.length}` : '';
  return span(safe(shown.join(' ')) + more);
}

function bufferCell({ bufferedBytes }: SocketRow, { limits }: CellContext): Span {
  if (bufferedBytes === 0) return span('0', 'dim');
  const isMuch = limits !== undefined && bufferedBytes > limits.bufferedBytes / 2;
  return span(bytes(bufferedBytes), isMuch ? 'bad' : 'warn');
}

const BAR_WIDTH = 6;

/** A bar that empties towards the timeout, and how long ago the last heartbeat was. */
function heartbeatCell({ lastSeen }: { lastSeen: number }, { now, limits }: CellContext): Span {
  const since = Math.max(0, now - lastSeen);
  const left = limits === undefined ? 1 : 1 - since / limits.heartbeatTimeoutMs;
  const tone: Tone = left > 0.5 ? 'good' : left > 0.2 ? 'warn' : 'bad';
  return span(`${bar(left, BAR_WIDTH)} ${age(since)}`, tone);
}

function connectionsCell({ sockets: held }: UserRow, { limits }: CellContext): Span {
  if (limits === undefined) return span(count(held));
  const { connectionsPerUser } = limits;
  const isFull = held >= connectionsPerUser;
  return span(`${bar(held / connectionsPerUser, 8)} ${held} of ${connectionsPerUser}`, isFull ? 'warn' : 'plain');
}
