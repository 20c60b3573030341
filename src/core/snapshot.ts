import type { RefusalInfo } from '../contract/resources.ts';
import { personalRoom } from '../contract/rooms.ts';
import {
  type NodeHealth,
  type RoomRow,
  SNAPSHOT_VERSION,
  type Snapshot,
  type SnapshotFigures,
} from '../contract/snapshot.ts';
import type { Connection } from './connection.ts';
import { type Sketch, sketch } from './distinct.ts';
import { createObservation, type Observation } from './observe.ts';
import { REFUSALS_KEPT } from './refusals.ts';
import { followRoomNames } from './room-names.ts';
import { MEMBERS_SKETCHED, type NodeRows, nameNode } from './snapshot-merge.ts';
import { type RowPage, takePage } from './snapshot-page.ts';
import { isAboutUsers, type ResolvedQuery } from './snapshot-query.ts';
import { createViews, type ViewContext } from './snapshot-views.ts';
import type { Counters } from './stats.ts';

export interface SnapshotContext extends ViewContext {
  counters: Counters;
  isDraining(): boolean;
  countSlow(): number;
  /** Memory and processor time of the process, which the core does not know. */
  readProcess(): { rssBytes: number; cpuMs: number };
  node: string;
  /** How late the event loop came lately. */
  lagMs(): number;
}

/** What a node contributes to a snapshot of its cluster. */
export interface SnapshotPart {
  snapshot: Snapshot;
  health: NodeHealth;
  /** Who is there, and which rooms, for counting each once. */
  users: Sketch;
  rooms: Sketch;
  members?: Sketch[];
}

/** So many names are counted exactly over several nodes. */
export const NAMES_SKETCHED = 256;

/** Puts snapshots together from the moment that somebody watches until nobody does. */
export interface Snapshots {
  readonly observation: Observation;
  /** @param lateMs how late the timer was that asks for it */
  take(query: ResolvedQuery, lateMs: number): Snapshot;
  /** The same for a snapshot of the whole cluster. */
  part(query: ResolvedQuery, lateMs: number): SnapshotPart;
  /** Certain rooms or users, whatever the filter. */
  rowsOf(view: 'rooms' | 'users', keys: readonly string[]): NodeRows;
  close(): void;
}

const MINUTE_MS = 60_000;

export function createSnapshots(context: SnapshotContext): Snapshots {
  const { io, connections, counters, node } = context;
  const observation = createObservation();
  const views = createViews(context, observation);
  const names = followRoomNames(io);

  function takeRows(query: ResolvedQuery): RowPage<Snapshot['rows'][number]> {
    switch (query.view) {
      case 'rooms':
        return takePage(views.rooms([...(isAboutUsers(query) ? names.personal : names.rooms)]), query);
      case 'sockets':
        return takePage(views.sockets(connectionsOf(query.within)), query);
      case 'users':
        return takePage(views.users([...names.personal]), query);
      case 'events':
        return takePage(views.events(), query);
      case 'refusals':
        return takePage(views.refusals(), query);
    }
  }

  function connectionsOf(within: ResolvedQuery['within']): Connection[] {
    if (within === undefined) return connections.all();
    return 'room' in within ? connections.inRoom(within.room) : connections.ofUser(within.user);
  }

  function take(query: ResolvedQuery, lateMs: number): Snapshot {
    const startedAt = performance.now();
    observation.tick();
    observation.feed.keepsPayloads ||= query.payloads;
    const page = takeRows(query);
    const found = query.socket === undefined ? undefined : connections.get(query.socket);
    const figures: SnapshotFigures = {
      connections: connections.size,
      users: names.personal.size,
      rooms: names.rooms.size,
      slow: context.countSlow(),
      received: counters.eventsReceived,
      emitted: counters.eventsEmitted,
      delivered: counters.deliveries,
      ...countRefusals(context.refusals()),
      isDraining: context.isDraining(),
      ...context.readProcess(),
      eventLoopDelayMs: Math.max(0, Math.round(lateMs * 10) / 10),
      costMs: 0,
    };
    const snapshot: Snapshot = {
      version: SNAPSHOT_VERSION,
      at: Date.now(),
      figures,
      view: query.view,
      query: query.id,
      ...page,
      ...(query.socket !== undefined && { socket: found === undefined ? null : views.describeSocket(found) }),
    };
    figures.costMs = Math.round((performance.now() - startedAt) * 100) / 100;
    return snapshot;
  }

  const membersOf = (rows: Snapshot['rows']) =>
    (rows as RoomRow[]).map(({ room }) => sketch(usersIn(room), MEMBERS_SKETCHED));
  const usersIn = (room: string) => connections.inRoom(room).map(({ identity }) => identity.userId);

  return {
    observation,
    take,
    part(query, lateMs) {
      const snapshot = take(query, lateMs);
      const { connections: held, isDraining, rssBytes } = snapshot.figures;
      return {
        snapshot: {
          ...snapshot,
          rows: nameNode(query.view, node, snapshot.rows),
          ...(snapshot.socket && { socket: { ...snapshot.socket, node } }),
        },
        health: { node, connections: held, isDraining, rssBytes, eventLoopDelayMs: context.lagMs() },
        users: sketch(names.personal, NAMES_SKETCHED),
        rooms: sketch(names.rooms, NAMES_SKETCHED),
        ...(query.view === 'rooms' && { members: membersOf(snapshot.rows) }),
      };
    },
    rowsOf(view, keys) {
      const isHere = (name: string) => io.sockets.adapter.rooms.has(name);
      if (view === 'users') {
        const personal = keys.map(personalRoom).filter(isHere);
        return { rows: personal.map(views.users(personal).describe) };
      }
      const here = keys.filter(isHere);
      const rows = here.map(views.rooms(here).describe);
      return { rows, members: membersOf(rows) };
    },
    close: names.close,
  };
}

function countRefusals(
  refusals: readonly RefusalInfo[],
): Pick<SnapshotFigures, 'refusedLastMinute' | 'refusedAtLeast'> {
  const since = Date.now() - MINUTE_MS;
  const refusedLastMinute: Record<string, number> = {};
  for (const { at, kind, code } of refusals) {
    // Newest first.
    if (at < since) return { refusedLastMinute, refusedAtLeast: false };
    if (kind === 'refused') refusedLastMinute[code] = (refusedLastMinute[code] ?? 0) + 1;
  }
  return { refusedLastMinute, refusedAtLeast: refusals.length >= REFUSALS_KEPT };
}
