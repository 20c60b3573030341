import type {
  EventRow,
  RefusalRow,
  RoomRow,
  Snapshot,
  SocketRow,
  UserRow,
  ViewName,
  Welcome,
} from '../../src/contract/snapshot.ts';
import type { Key, KeyName } from '../../src/tui/keys.ts';
import { type TopEvent, update } from '../../src/tui/model.ts';
import { createState, type Effect, type ScreenSize, type TopOptions, type TopState } from '../../src/tui/state.ts';

/** A fixed moment: 14:03:20 local time, so that clocks on the screen are what they are everywhere. */
export const NOW = new Date(2026, 4, 17, 14, 3, 20).getTime();

export const WELCOME: Welcome = {
  version: 1,
  serverVersion: '0.1.0',
  node: 'box:4711',
  startedAt: NOW - 3_720_000,
  limits: {
    connectionsPerUser: 3,
    onExceeded: 'reject',
    connections: null,
    roomsPerSocket: 100,
    eventsPerSecond: 100,
    payloadBytes: 100_000,
    bufferedBytes: 1_048_576,
    connectsPerSecond: null,
    heartbeatTimeoutMs: 60_000,
    heartbeatSource: 'ping',
  },
  events: ['protocol:updated', 'news'],
};

const USERS = ['alice', 'bob', '王小明', 'דוד כהן', 'zoe\u0308', 'evil\x1b[2Jname\u202e', '👩‍💻dev', 'dave'];

const sockets = (index: number): SocketRow => ({
  key: `socket-${String(index).padStart(4, '0')}-AAAAAA`,
  id: `socket-${String(index).padStart(4, '0')}-AAAAAA`,
  userId: USERS[index] ?? `user-${index}`,
  rooms: ['protocol:7', 'lobby'],
  roomCount: 2 + (index % 3),
  transport: index % 5 === 4 ? 'polling' : 'websocket',
  address: '127.0.0.1',
  connectedAt: NOW - 1_000 * (index + 1),
  lastSeen: NOW - 6_000 * (index % 10),
  bufferedBytes: index === 2 ? 700_000 : 0,
  eventsPerSecond: index / 2,
});
const rooms = (index: number): RoomRow => ({
  key: `protocol:${index}`,
  room: `protocol:${index}`,
  sockets: 1_200 - index,
  users: 900 - index,
  eventsPerSecond: index,
});
const users = (index: number): UserRow => ({
  key: USERS[index] ?? `user-${index}`,
  userId: USERS[index] ?? `user-${index}`,
  sockets: (index % 3) + 1,
  connectedAt: NOW - 90_000,
  lastSeen: NOW - 3_000,
  eventsPerSecond: 0.4,
});
const events = (index: number): EventRow => ({
  key: String(100 - index),
  at: NOW - index * 1_000,
  ...(index % 2 === 0
    ? { direction: 'out', event: 'protocol:updated', target: 'protocol:7', recipients: index }
    : { direction: 'in', event: 'room:join', target: `user:${USERS[index] ?? 'x'}` }),
});
const refusals = (index: number): RefusalRow => ({
  key: `refusal-${index}`,
  at: NOW - index * 1_000,
  kind: index % 2 === 0 ? 'refused' : 'closed',
  code: index % 2 === 0 ? 'MAX_CONNECTIONS_EXCEEDED' : 'HEARTBEAT_TIMEOUT',
  userId: USERS[index] ?? 'somebody',
  address: '127.0.0.1',
  correlationId: `0000000${index}-1111-2222-3333-444444444444`,
});
const ROWS = { rooms, sockets, users, events, refusals };

/** A snapshot of `total` rows of a view, as the server would answer the state. */
export function snapshotOf(state: TopState, total: number, change: Partial<Snapshot['figures']> = {}): Snapshot {
  const view = (state.inner.at(-1) ?? state.places[state.view]).view;
  return {
    version: 1,
    at: NOW,
    figures: {
      connections: 1_204,
      users: 900,
      rooms: 12,
      slow: 1,
      received: 50_000,
      emitted: 2_000,
      delivered: 300_000,
      refusedLastMinute: { MAX_CONNECTIONS_EXCEEDED: 3, TOKEN_EXPIRED: 1 },
      refusedAtLeast: false,
      isDraining: false,
      rssBytes: 88_000_000,
      cpuMs: 4_000,
      eventLoopDelayMs: 1.2,
      costMs: 0.4,
      ...change,
    },
    view,
    query: state.queryId,
    matching: total,
    all: total,
    offset: 0,
    rows: Array.from({ length: Math.min(total, 200) }, (_, index) => ROWS[view](index)),
  };
}

export function newState(
  size: ScreenSize = { columns: 80, rows: 24 },
  view: ViewName = 'rooms',
  options: Partial<TopOptions> = {},
): TopState {
  return createState(
    { url: 'http://127.0.0.1:3000', isReadOnly: false, intervalMs: 500, isOwnServer: false, ...options },
    size,
    { view, filter: '', sort: undefined, now: NOW },
  );
}

/** A state that is live and has `total` rows. */
export function liveState(total: number, ...args: Parameters<typeof newState>): TopState {
  const [state] = play(
    newState(...args),
    { type: 'status', status: { state: 'live' } },
    { type: 'welcome', welcome: WELCOME },
  );
  return play(state, { type: 'snapshot', snapshot: snapshotOf(state, total) })[0];
}

/** What the events make of the state, and all that was to be done. */
export function play(state: TopState, ...happened: TopEvent[]): [TopState, Effect[]] {
  const all: Effect[] = [];
  let now = state;
  for (const event of happened) {
    const [next, effects] = update(now, event, NOW);
    now = next;
    all.push(...effects);
  }
  return [now, all];
}

/** Keys pressed one by one; names in angle brackets: `<down>`. */
export function press(state: TopState, ...keys: string[]): [TopState, Effect[]] {
  return play(state, ...keys.map((key): TopEvent => ({ type: 'keys', keys: [toKey(key)] })));
}

function toKey(text: string): Key {
  const name = /^<(?<name>.+)>$/.exec(text)?.groups?.['name'];
  return name === undefined ? { text } : { name: name as KeyName };
}

/** The same with an escape sequence in every string, those that name something included. */
export function spoil<Value>(value: Value): Value {
  const spoilt = (part: unknown): unknown => {
    if (typeof part === 'string') return `${part}\x1b[2J`;
    if (Array.isArray(part)) return part.map(spoilt);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, each]) => [/^[A-Z_]+$/.test(key) ? spoilt(key) : key, spoilt(each)]),
    );
  };
  return spoilt(value) as Value;
}
