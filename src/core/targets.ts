import { remoteSocketRoom } from '../contract/cluster.ts';
import type { Target, TargetSet } from '../contract/emission.ts';
import { personalRoom } from '../contract/rooms.ts';
import type { RtServer } from './connection.ts';

/** A target in terms of Socket.IO rooms; `rooms: undefined` is everyone, an empty list nobody. */
export interface ResolvedTarget {
  rooms: readonly string[] | undefined;
  except: readonly string[];
}

export function resolveTarget(io: RtServer, target: Target = {}): ResolvedTarget {
  const { users, rooms, sockets, except } = target;
  const everyone = users === undefined && rooms === undefined && sockets === undefined;
  return {
    rooms: everyone ? undefined : toRooms(io, target),
    except: except === undefined ? [] : toRooms(io, except),
  };
}

function toRooms(io: RtServer, { users = [], rooms = [], sockets = [] }: TargetSet): string[] {
  // Socket.IO addresses a socket by the room of its id, so any room's name would pass for an id.
  const ids = sockets.map((id) => (io.sockets.sockets.has(id) ? id : remoteSocketRoom(id)));
  return [...users.map(personalRoom), ...rooms, ...ids];
}

/** How many sockets of this node a target matches. */
export function countRecipients(io: RtServer, target: ResolvedTarget): number {
  const { adapter } = io.sockets;
  if (target.except.length === 0) {
    if (target.rooms === undefined) return adapter.sids.size;
    const [only] = target.rooms;
    if (target.rooms.length === 0 || only === undefined) return 0;
    if (target.rooms.length === 1) return adapter.rooms.get(only)?.size ?? 0;
  }
  return listRecipients(io, target).size;
}

/** The ids of the sockets of this node that a target matches, each once. */
export function listRecipients(io: RtServer, { rooms, except }: ResolvedTarget): Set<string> {
  const { adapter } = io.sockets;
  const ids = new Set<string>(rooms === undefined ? adapter.sids.keys() : []);
  for (const room of rooms ?? []) for (const id of adapter.rooms.get(room) ?? []) ids.add(id);
  for (const room of except) for (const id of adapter.rooms.get(room) ?? []) ids.delete(id);
  return ids;
}
