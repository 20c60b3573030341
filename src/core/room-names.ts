import { isPersonalRoom } from '../contract/rooms.ts';
import type { RtServer } from './connection.ts';

/** The names of the rooms that there are, without those that Socket.IO gives to sockets. */
export interface RoomNames {
  readonly rooms: ReadonlySet<string>;
  /** Those of users, which are not among `rooms`. */
  readonly personal: ReadonlySet<string>;
  close(): void;
}

/** Follows the rooms as they come and go: a walk over all names, most of them of sockets, is what a snapshot cost most. */
export function followRoomNames(io: RtServer): RoomNames {
  const { adapter, sockets } = io.sockets;
  const rooms = new Set<string>();
  const personal = new Set<string>();

  function add(name: string): void {
    if (isPersonalRoom(name)) personal.add(name);
    else if (!sockets.has(name)) rooms.add(name);
  }

  function remove(name: string): void {
    if (!personal.delete(name)) rooms.delete(name);
  }

  for (const name of adapter.rooms.keys()) add(name);
  adapter.on('create-room', add);
  adapter.on('delete-room', remove);

  return {
    rooms,
    personal,
    close() {
      adapter.off('create-room', add);
      adapter.off('delete-room', remove);
    },
  };
}
