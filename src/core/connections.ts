import type { Identity } from '../contract/identity.ts';
import { personalRoom } from '../contract/rooms.ts';
import type { Connection, RtServer, RtSocket } from './connection.ts';

/** The live connections of this node. */
export interface Connections {
  readonly size: number;
  add(connection: Connection): void;
  remove(connection: Connection): void;
  get(socketId: string): Connection | undefined;
  all(): Connection[];
  inRoom(room: string): Connection[];
  ofUser(userId: string): Connection[];
  /** Looks through them all. */
  onTransport(transport: RtSocket['conn']): Connection[];
  /** Those whose identity `which` picks. */
  where(which: (identity: Identity) => boolean): Connection[];
}

export function createConnections(io: RtServer): Connections {
  const byId = new Map<string, Connection>();

  function inRoom(room: string): Connection[] {
    const found: Connection[] = [];
    for (const id of io.sockets.adapter.rooms.get(room) ?? []) {
      const connection = byId.get(id);
      if (connection !== undefined) found.push(connection);
    }
    return found;
  }

  return {
    get size() {
      return byId.size;
    },
    add: (connection) => void byId.set(connection.socket.id, connection),
    remove: (connection) => void byId.delete(connection.socket.id),
    get: (socketId) => byId.get(socketId),
    all: () => [...byId.values()],
    inRoom,
    ofUser: (userId) => inRoom(personalRoom(userId)),
    onTransport: (transport) => [...byId.values()].filter(({ socket }) => socket.conn === transport),
    where: (which) => [...byId.values()].filter(({ identity }) => which(identity)),
  };
}
