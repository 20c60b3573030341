import type {
  AnyRow,
  EventRow,
  RefusalRow,
  RoomRow,
  RowOf,
  SnapshotFigures,
  SocketRow,
  UserRow,
  ViewName,
} from '../contract/snapshot.ts';
import { countUnion, type Sketch } from './distinct.ts';
import { inOrder } from './snapshot-page.ts';

/** Rows of one node; for rooms, beside each row, who is in it. */
export interface NodeRows {
  rows: AnyRow[];
  members?: Sketch[];
}

/** Enough for a room of this many users to be counted exactly. */
export const MEMBERS_SKETCHED = 64;

/** What each view can be sorted by, read from its rows: the same as `Source.sorts` reads from what they are made of. */
const SORT_VALUES: { [View in ViewName]: Readonly<Record<string, (row: RowOf[View]) => string | number>> } = {
  rooms: {
    sockets: ({ sockets }) => sockets,
    room: ({ room }) => room,
    users: ({ users }) => users,
    events: ({ eventsPerSecond }) => eventsPerSecond,
  },
  sockets: {
    connected: ({ connectedAt }) => connectedAt,
    user: ({ userId }) => userId,
    rooms: ({ roomCount }) => roomCount,
    seen: ({ lastSeen }) => lastSeen,
    buffered: ({ bufferedBytes }) => bufferedBytes,
    events: ({ eventsPerSecond }) => eventsPerSecond,
  },
  users: {
    sockets: ({ sockets }) => sockets,
    user: ({ userId }) => userId,
    connected: ({ connectedAt }) => connectedAt,
    events: ({ eventsPerSecond }) => eventsPerSecond,
  },
  events: {
    time: ({ at }) => at,
    event: ({ event }) => event,
    recipients: ({ recipients = -1 }) => recipients,
  },
  refusals: { time: ({ at }) => at, code: ({ code }) => code, user: ({ userId = '' }) => userId },
};

/** The rows of all nodes in one order; what several nodes have is one row. */
export function mergeRows(
  view: ViewName,
  parts: readonly NodeRows[],
  { sort, reverse }: { sort: string; reverse: boolean },
): AnyRow[] {
  const byKey = new Map<string, { rows: AnyRow[]; members: Sketch[] }>();
  for (const { rows, members } of parts) {
    for (const [at, row] of rows.entries()) {
      const same = byKey.get(row.key) ?? { rows: [], members: [] };
      byKey.set(row.key, same);
      same.rows.push(row);
      same.members.push(members?.[at] ?? []);
    }
  }
  const merged = [...byKey.values()].map(({ rows, members }) => mergeSame(view, rows, members));
  const read = SORT_VALUES[view][sort] as ((row: AnyRow) => string | number) | undefined;
  if (read === undefined) return merged;
  return merged.sort((a, b) => inOrder(read(a), read(b), reverse) || (a.key < b.key ? -1 : 1));
}

function mergeSame(view: ViewName, rows: readonly AnyRow[], members: readonly Sketch[]): AnyRow {
  const [first] = rows as [AnyRow];
  if (rows.length === 1) return first;
  if (view === 'rooms') {
    const same = rows as RoomRow[];
    const sets = same.map(({ users }, at) => ({ users, members: members[at] ?? [] }));
    const users = countUnion(sets, MEMBERS_SKETCHED);
    const sockets = total(same, 'sockets');
    return { ...(first as RoomRow), sockets, users, eventsPerSecond: total(same, 'eventsPerSecond') };
  }
  if (view !== 'users') return first;
  const same = rows as UserRow[];
  return {
    ...(first as UserRow),
    sockets: total(same, 'sockets'),
    connectedAt: Math.min(...same.map(({ connectedAt }) => connectedAt)),
    lastSeen: Math.max(...same.map(({ lastSeen }) => lastSeen)),
    eventsPerSecond: total(same, 'eventsPerSecond'),
  };
}

function total<Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return rows.reduce((sum, row) => sum + row[key], 0);
}

/** Rows that say on which node they are; keys that are a node's own are made the cluster's. */
export function nameNode(view: ViewName, node: string, rows: readonly AnyRow[]): AnyRow[] {
  if (view === 'rooms' || view === 'users') return [...rows];
  return (rows as (SocketRow | EventRow | RefusalRow)[]).map((row) => ({
    ...row,
    node,
    ...(view === 'events' && { key: `${node} ${row.key}` }),
  }));
}

/** The figures of this node with those of the others; what is of the process stays this node's. */
export function mergeFigures([own, ...others]: readonly [SnapshotFigures, ...SnapshotFigures[]]): SnapshotFigures {
  const all = [own, ...others];
  const refusedLastMinute: Record<string, number> = {};
  for (const figures of all) {
    for (const [code, times] of Object.entries(figures.refusedLastMinute)) {
      refusedLastMinute[code] = (refusedLastMinute[code] ?? 0) + times;
    }
  }
  return {
    ...own,
    connections: total(all, 'connections'),
    slow: total(all, 'slow'),
    refusedLastMinute,
    refusedAtLeast: all.some(({ refusedAtLeast }) => refusedAtLeast),
    costMs: Math.max(...all.map(({ costMs }) => costMs)),
  };
}
