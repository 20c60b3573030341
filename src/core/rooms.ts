import { mayJoin } from '../auth/policy.ts';
import { RtError } from '../contract/errors.ts';
import type { Log, LogFields, LogName } from '../contract/log-names.ts';
import { isPersonalRoom, isProtocolRoom, isRoomName, protocolRoom } from '../contract/rooms.ts';
import type { Connection, RtServer } from './connection.ts';

/** Moves connections between rooms by the rules of the contract. */
export interface Rooms {
  /** @throws RtError `ROOM_INVALID`, `ROOM_FORBIDDEN` or `ROOM_LIMIT_EXCEEDED` */
  join(connection: Connection, room: unknown): string;
  /** @throws RtError `ROOM_INVALID` or `ROOM_FORBIDDEN` */
  leave(connection: Connection, room: unknown): string;
  /** As `join` and `leave`, for the rooms that a module keeps to itself too. Same errors. */
  joinForModule(connection: Connection, room: string): void;
  leaveForModule(connection: Connection, room: string): void;
  /** Leaves the protocol room that the connection is in and joins another. Same errors as `join`. */
  switchProtocol(connection: Connection, protocolId: unknown): { room: string; left?: string };
  leaveProtocol(connection: Connection): { left?: string };
  /** Leaves what the connection's identity does not allow (any more). */
  enforce(connection: Connection): void;
  /** Rooms of a connection: the personal one first, without the room of its own id that Socket.IO keeps. */
  of(connection: Connection): string[];
}

/** Read each time, since both may change. */
export interface RoomRules {
  limits: { readonly roomsPerSocket: number };
  /** Beginnings of names that belong to modules. */
  application: { readonly roomPrefixes: readonly string[] };
}

export function createRooms(io: RtServer, { limits, application }: RoomRules, log: Log): Rooms {
  function enter(connection: Connection, room: string): void {
    if (connection.socket.rooms.has(room)) return;
    void connection.socket.join(room);
    logMove('room.joined', connection, room);
  }

  function exit(connection: Connection, room: string): void {
    if (!connection.socket.rooms.has(room)) return;
    void connection.socket.leave(room);
    logMove('room.left', connection, room);
  }

  function logMove(name: LogName, { identity, socket, correlationId }: Connection, room: string): void {
    if (!log.isDebug()) return;
    const fields: LogFields = { correlationId, userId: identity.userId, socketId: socket.id, room };
    log.debug(name, fields);
  }

  /** @param spare rooms that will be left in the same step */
  function requireSpace({ socket }: Connection, room: string, spare = 0): void {
    // Its own id and the personal room are not of the client's choosing.
    if (socket.rooms.has(room) || socket.rooms.size - 2 - spare < limits.roomsPerSocket) return;
    throw new RtError('ROOM_LIMIT_EXCEEDED', { reason: `a socket may be in ${limits.roomsPerSocket}` });
  }

  function requirePermission({ identity }: Connection, room: string): void {
    if (!mayJoin(identity, room)) throw new RtError('ROOM_FORBIDDEN', { reason: 'the token does not list it' });
  }

  /** A room that somebody else may name: anything but the server's own. */
  function requireUnowned(room: unknown): string {
    if (!isRoomName(room)) throw roomInvalid();
    if (isPersonalRoom(room)) throw new RtError('ROOM_FORBIDDEN', { reason: 'only the server fills user: rooms' });
    if (isProtocolRoom(room)) throw new RtError('ROOM_FORBIDDEN', { reason: 'use protocol:join and protocol:leave' });
    // Socket.IO gives each socket a room named by its id: whoever were in it would read another's mail.
    if (io.sockets.sockets.has(room)) throw new RtError('ROOM_FORBIDDEN', { reason: 'it is the id of a socket' });
    return room;
  }

  /** A room that clients may name. */
  function requireFreeRoom(name: unknown): string {
    const room = requireUnowned(name);
    if (isOfModule(room)) {
      throw new RtError('ROOM_FORBIDDEN', { reason: 'a module of the application decides who is in it' });
    }
    return room;
  }

  function joinAllowed(connection: Connection, room: string): string {
    requirePermission(connection, room);
    requireSpace(connection, room);
    enter(connection, room);
    return room;
  }

  const isOfModule = (room: string) => application.roomPrefixes.some((prefix) => room.startsWith(prefix));

  const protocolRoomOf = ({ socket }: Connection) => {
    for (const room of socket.rooms) if (isProtocolRoom(room)) return room;
    return undefined;
  };

  return {
    join: (connection, name) => joinAllowed(connection, requireFreeRoom(name)),

    leave(connection, name) {
      const room = requireFreeRoom(name);
      exit(connection, room);
      return room;
    },

    joinForModule(connection, name) {
      const room = requireUnowned(name);
      // A handler may go on after its client has left: nobody must stay behind in a room.
      if (!connection.isOver) joinAllowed(connection, room);
    },
    leaveForModule: (connection, name) => exit(connection, requireUnowned(name)),

    switchProtocol(connection, protocolId) {
      if (typeof protocolId === 'number' ? !Number.isFinite(protocolId) : typeof protocolId !== 'string') {
        throw new RtError('PAYLOAD_INVALID', { reason: 'protocolId must be a string or a number' });
      }
      if (!isRoomName(String(protocolId))) throw roomInvalid();
      const room = protocolRoom(protocolId as string | number);
      requirePermission(connection, room);
      const left = protocolRoomOf(connection);
      requireSpace(connection, room, left === undefined ? 0 : 1);
      if (left !== undefined && left !== room) exit(connection, left);
      enter(connection, room);
      return { room, ...(left !== undefined && left !== room && { left }) };
    },

    leaveProtocol(connection) {
      const left = protocolRoomOf(connection);
      if (left === undefined) return {};
      exit(connection, left);
      return { left };
    },

    enforce(connection) {
      for (const room of this.of(connection)) {
        if (!isPersonalRoom(room) && !mayJoin(connection.identity, room)) exit(connection, room);
      }
    },

    of: ({ socket }) => [...socket.rooms].filter((room) => room !== socket.id),
  };
}

const roomInvalid = () =>
  new RtError('ROOM_INVALID', { reason: '1 to 128 characters without spaces or control characters' });
