import type { FilterField } from '../contract/filter.ts';
import type { RefusalInfo } from '../contract/resources.ts';
import { isPersonalRoom, userIdOf } from '../contract/rooms.ts';
import type {
  EventRow,
  RefusalRow,
  RoomRow,
  SocketDetail,
  SocketRow,
  UserRow,
  ViewName,
} from '../contract/snapshot.ts';
import { bufferedBytes } from './buffered.ts';
import type { Connection, RtServer } from './connection.ts';
import type { Connections } from './connections.ts';
import type { Observation } from './observe.ts';
import type { Fields } from './observe-filter.ts';
import type { Rooms } from './rooms.ts';
import type { Source } from './snapshot-page.ts';

/** What the views are made from. */
export interface ViewContext {
  io: RtServer;
  connections: Connections;
  rooms: Rooms;
  refusals(): RefusalInfo[];
}

export interface Views {
  rooms(named: readonly string[]): Source<string, RoomRow>;
  sockets(within: readonly Connection[]): Source<Connection, SocketRow>;
  users(named: readonly string[]): Source<string, UserRow>;
  events(): Source<EventRow, EventRow>;
  refusals(): Source<RefusalInfo, RefusalRow>;
  describeSocket(connection: Connection): SocketDetail;
}

/** What the filter of a view looks at, in the things that it is made of. */
type Read<View extends ViewName, Item> = Fields<Item, FilterField<View>>;

const ROOMS_SHOWN = 4;
const ORIGIN_CHARACTERS_MAX = 200;

/** The five views of what the server holds, with the rates that were observed. */
export function createViews({ io, connections, rooms, refusals }: ViewContext, observation: Observation): Views {
  const { perConnection, perRoom, toAll, feed } = observation;
  const sizeOf = (room: string) => io.sockets.adapter.rooms.get(room)?.size ?? 0;
  const rateOfRoom = (room: string) => perRoom.rateOf(room) + toAll.rateOf('all');
  const usersIn = (room: string) => new Set(connections.inRoom(room).map(({ identity }) => identity.userId)).size;
  /** Its own id and the personal room left out. */
  const roomCount = ({ socket }: Connection) => Math.max(0, socket.rooms.size - 2);
  const transportOf = ({ socket }: Connection) => socket.conn.transport.name as SocketRow['transport'];
  const of = (personal: string) => connections.inRoom(personal);
  const oldest = (personal: string) => Math.min(...of(personal).map(({ connectedAt }) => connectedAt));
  const rateOfUser = (personal: string) =>
    of(personal).reduce((sum, connection) => sum + perConnection.rateOf(connection), 0);

  function describeSocket(connection: Connection, roomsShown = ROOMS_SHOWN): SocketRow {
    const { socket, identity, address, connectedAt } = connection;
    const named = rooms.of(connection).filter((room) => !isPersonalRoom(room));
    return {
      key: socket.id,
      id: socket.id,
      userId: identity.userId,
      rooms: named.slice(0, roomsShown),
      roomCount: named.length,
      transport: transportOf(connection),
      address,
      connectedAt,
      lastSeen: socket.data.lastSeen,
      bufferedBytes: bufferedBytes(socket),
      eventsPerSecond: perConnection.rateOf(connection),
    };
  }

  return {
    rooms: (named) => ({
      items: named,
      fields: { room: (room) => room, sockets: sizeOf, users: usersIn, events: rateOfRoom } satisfies Read<
        'rooms',
        string
      >,
      sorts: { sockets: sizeOf, room: (room) => room, users: usersIn, events: rateOfRoom },
      describe: (room) => ({
        key: room,
        room,
        sockets: sizeOf(room),
        users: usersIn(room),
        eventsPerSecond: rateOfRoom(room),
      }),
    }),

    sockets: (within) => ({
      items: within,
      fields: {
        user: ({ identity }) => identity.userId,
        id: ({ socket }) => socket.id,
        room: (connection) => rooms.of(connection).slice(1),
        rooms: roomCount,
        transport: transportOf,
        address: ({ address }) => address,
        buffered: ({ socket }) => bufferedBytes(socket),
        events: perConnection.rateOf,
      } satisfies Read<'sockets', Connection>,
      sorts: {
        connected: ({ connectedAt }) => connectedAt,
        user: ({ identity }) => identity.userId,
        rooms: roomCount,
        seen: ({ socket }) => socket.data.lastSeen,
        buffered: ({ socket }) => bufferedBytes(socket),
        events: perConnection.rateOf,
      },
      describe: (connection) => describeSocket(connection),
    }),

    users: (named) => ({
      items: named,
      fields: { user: userIdOf, sockets: sizeOf, events: rateOfUser } satisfies Read<'users', string>,
      sorts: { sockets: sizeOf, user: userIdOf, connected: oldest, events: rateOfUser },
      describe: (personal) => ({
        key: userIdOf(personal),
        userId: userIdOf(personal),
        sockets: sizeOf(personal),
        connectedAt: oldest(personal),
        lastSeen: Math.max(...of(personal).map(({ socket }) => socket.data.lastSeen)),
        eventsPerSecond: rateOfUser(personal),
      }),
    }),

    events: () => ({
      items: feed.list(),
      fields: {
        event: ({ event }) => event,
        target: ({ target }) => target,
        direction: ({ direction }) => direction,
        recipients: ({ recipients = 0 }) => recipients,
        payload: ({ payload = '' }) => payload,
      } satisfies Read<'events', EventRow>,
      sorts: { event: ({ event }) => event, recipients: ({ recipients = -1 }) => recipients },
      describe: (event) => event,
    }),

    refusals: () => ({
      items: refusals(),
      fields: {
        code: ({ code }) => code,
        user: ({ userId = '' }) => userId,
        kind: ({ kind }) => kind,
        address: ({ address }) => address,
        origin: ({ origin = '' }) => origin,
        id: ({ correlationId }) => correlationId,
      } satisfies Read<'refusals', RefusalInfo>,
      sorts: { code: ({ code }) => code, user: ({ userId = '' }) => userId },
      describe: ({ origin, ...refusal }) => ({
        ...refusal,
        key: `${refusal.at}-${refusal.correlationId}-${refusal.code}`,
        ...(origin !== undefined && { origin: origin.slice(0, ORIGIN_CHARACTERS_MAX) }),
      }),
    }),

    describeSocket: (connection) => ({
      ...describeSocket(connection, Number.POSITIVE_INFINITY),
      ...(connection.origin !== undefined && { origin: connection.origin.slice(0, ORIGIN_CHARACTERS_MAX) }),
      correlationId: connection.correlationId,
      expiresAt: connection.identity.expiresAt ?? null,
    }),
  };
}
