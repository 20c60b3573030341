import type { RefusalInfo, SocketInfo } from './resources.ts';
import type { StatLimits } from './stats.ts';

/** What the namespace `/admin` speaks. Times are milliseconds since 1970, durations milliseconds. */
export const ADMIN_NAMESPACE = '/admin';

/** Raised when a field changes its meaning or goes; a new field does not raise it. */
export const SNAPSHOT_VERSION = 1;

export const VIEWS = ['rooms', 'sockets', 'users', 'events', 'refusals'] as const;
export type ViewName = (typeof VIEWS)[number];

/** What a view can be sorted by, its default first. Numbers and times come largest first, names from A to Z. */
export const SORTS = {
  rooms: ['sockets', 'room', 'users', 'events'],
  sockets: ['connected', 'user', 'rooms', 'seen', 'buffered', 'events'],
  users: ['sockets', 'user', 'connected', 'events'],
  events: ['time', 'event', 'recipients'],
  refusals: ['time', 'code', 'user'],
} as const satisfies Record<ViewName, readonly string[]>;

/** Rows in one snapshot, at most. */
export const ROWS_MAX = 200;
export const INTERVAL_DEFAULT_MS = 500;
export const INTERVAL_MIN_MS = 200;
export const INTERVAL_MAX_MS = 60_000;

/** What a viewer wants to see: the payload of `watch`. Each replaces the one before. */
export interface WatchQuery {
  /** Stands in the snapshots that answer this query. */
  id?: number;
  view: ViewName;
  /**
   * Words that a row must all have, in any field, whatever their case: `alice`; `user:alice` in one field; `sockets>3`,
   * `buffered<1000` for numbers; `!` before one for rows that do not.
   */
  filter?: string;
  /** One of `SORTS` of the view. */
  sort?: string;
  /** The other way round. */
  reverse?: boolean;
  /** View `sockets`: those of one room or of one user alone, by their exact name. */
  within?: { room: string } | { user: string };
  /** The first row wanted, and how many. */
  offset?: number;
  size?: number;
  /** View `events`: keep payloads from now on. Nobody's payload is kept before somebody asks. */
  payloads?: boolean;
  /** One socket to tell everything about. */
  socket?: string;
  /** Time between two snapshots. */
  intervalMs?: number;
}

interface Row {
  /** Names the row within its view, from one snapshot to the next. */
  key: string;
}

export interface RoomRow extends Row {
  room: string;
  sockets: number;
  users: number;
  /** Emissions that named the room, or everyone. */
  eventsPerSecond: number;
}

export interface SocketRow extends Row, Omit<SocketInfo, 'rooms' | 'node'> {
  /** The first few. */
  rooms: string[];
  roomCount: number;
  /** Received from it. */
  eventsPerSecond: number;
  /** Which node of a cluster holds it. */
  node?: string;
}

export interface UserRow extends Row {
  userId: string;
  sockets: number;
  connectedAt: number;
  /** The latest heartbeat of any of the user's sockets. */
  lastSeen: number;
  eventsPerSecond: number;
}

export interface EventRow extends Row {
  at: number;
  /** `in` from a client, `out` to clients. */
  direction: 'in' | 'out';
  event: string;
  /** Whom it was for; of a received one, who sent it. */
  target: string;
  recipients?: number;
  /** Which node of a cluster received or emitted it; `recipients` are then those of that node. */
  node?: string;
  /** JSON, cut to `PAYLOAD_CHARACTERS_MAX`; only when it was asked for. */
  payload?: string;
}

export const PAYLOAD_CHARACTERS_MAX = 1_000;

export interface RefusalRow extends Row, RefusalInfo {}

export interface RowOf {
  rooms: RoomRow;
  sockets: SocketRow;
  users: UserRow;
  events: EventRow;
  refusals: RefusalRow;
}

export type AnyRow = RowOf[ViewName];

/** Everything about one socket. */
export interface SocketDetail extends SocketRow {
  origin?: string;
  correlationId: string;
  /** When its token runs out; `null` for never. */
  expiresAt: number | null;
}

/**
 * What the server is: the event `welcome`, sent when a viewer comes and whenever the server has reloaded. The snapshot after it
 * holds all its rows.
 */
export interface Welcome {
  version: typeof SNAPSHOT_VERSION;
  serverVersion: string;
  node: string;
  startedAt: number;
  limits: StatLimits;
  /** Names of the declared events; `null` where any goes. */
  events: string[] | null;
}

export interface SnapshotFigures {
  connections: number;
  users: number;
  /** Personal rooms not among them. */
  rooms: number;
  /** Clients with more than half of `limits.bufferedBytes` waiting. */
  slow: number;
  /** Since the start of the server. */
  received: number;
  emitted: number;
  delivered: number;
  refusedLastMinute: Record<string, number>;
  /** There were more than the server remembers. */
  refusedAtLeast: boolean;
  isDraining: boolean;
  rssBytes: number;
  /** Of this process since its start. */
  cpuMs: number;
  /** How late the event loop came to this snapshot. (A monitor of its own would cost more than all the rest.) */
  eventLoopDelayMs: number;
  /** What putting this snapshot together took. */
  costMs: number;
}

/** How a node of a cluster is. */
export interface NodeHealth {
  node: string;
  connections: number;
  isDraining: boolean;
  rssBytes: number;
  /** How late its event loop came to what was due. */
  eventLoopDelayMs: number;
  /** It was there before, and did not answer this time: the rest is what it said last. */
  isMissing?: true;
}

/** The event `snapshot`: figures, and the page of rows that the viewer asked for. */
export interface Snapshot<View extends ViewName = ViewName> {
  version: typeof SNAPSHOT_VERSION;
  at: number;
  /** The next one comes so much later, unless something else is asked for: a busy server takes its time. */
  nextMs?: number;
  figures: SnapshotFigures;
  view: View;
  /** `id` of the query that this answers. */
  query: number;
  /** Rows that pass the filter, and all that there are. */
  matching: number;
  all: number;
  /** So many rows can be gone to, where that is another number than `matching`. */
  reach?: number;
  offset: number;
  rows: RowOf[View][];
  /** `undefined` where none was asked for, `null` where it is gone. */
  socket?: SocketDetail | null;
  /**
   * Where the server is a node of a cluster: figures and rows are of all nodes that answered, this one first, but what is of
   * the process is of this one. The first 1,000 rows can be gone to; of users and rooms beyond the rows that nodes sent,
   * `matching` and `all` are estimates. `missingNodes` counts those that did not answer; `null`
   * for all but this one.
   */
  cluster?: { nodes: NodeHealth[]; missingNodes: number | null };
}

/**
 * A snapshot as it travels: a row that is as it was in the snapshot before stands as its index there.
 */
export interface SnapshotDelta extends Omit<Snapshot, 'rows'> {
  rows: (AnyRow | number)[];
}

/** Puts the rows back. */
export function applyDelta({ rows, ...rest }: SnapshotDelta, before: readonly AnyRow[]): Snapshot {
  return { ...rest, rows: rows.flatMap((row) => (typeof row === 'number' ? (before[row] ?? []) : row)) };
}
