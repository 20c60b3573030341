import type { Page, RoomInfo, SocketInfo, UserInfo } from '../contract/resources.ts';
import { bufferedBytes } from './buffered.ts';
import type { Connection, RtServer } from './connection.ts';
import type { Connections } from './connections.ts';
import { membersSketched, type Sketch, sketch } from './distinct.ts';
import type { Rooms } from './rooms.ts';

/** Which page of a list: at most `limit` items, those after `cursor`. */
export interface PageRequest {
  limit: number;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

/** A room, and who is in it: from several nodes, the same users must not be counted twice. */
export interface SketchedRoom extends RoomInfo {
  members: Sketch;
}

export interface Listing {
  sockets(request: PageRequest & { user?: string | undefined; room?: string | undefined }): Page<SocketInfo>;
  rooms(request: PageRequest & { prefix?: string | undefined }): Page<SketchedRoom>;
  users(request: PageRequest): Page<UserInfo>;
}

export function createListing(io: RtServer, connections: Connections, rooms: Rooms, node: string): Listing {
  function describe(connection: Connection): SocketInfo {
    const { socket, identity, address, connectedAt } = connection;
    return {
      id: socket.id,
      userId: identity.userId,
      rooms: rooms.of(connection),
      transport: socket.conn.transport.name as SocketInfo['transport'],
      address,
      connectedAt,
      lastSeen: socket.data.lastSeen,
      bufferedBytes: bufferedBytes(socket),
      node,
    };
  }

  return {
    sockets({ user, room, ...page }) {
      const narrow = user !== undefined ? connections.ofUser(user) : room !== undefined && connections.inRoom(room);
      const found = (narrow || connections.all()).filter(
        ({ socket, identity }) =>
          (user === undefined || identity.userId === user) && (room === undefined || socket.rooms.has(room)),
      );
      return paginate(found, ({ socket }) => socket.id, page, describe);
    },

    rooms({ prefix = '', ...page }) {
      const names = [...io.sockets.adapter.rooms.keys()].filter(
        (name) => name.startsWith(prefix) && !io.sockets.sockets.has(name),
      );
      return paginate(
        names,
        (name) => name,
        page,
        (room) => {
          const members = connections.inRoom(room);
          const users = new Set(members.map(({ identity }) => identity.userId));
          return {
            ...{ room, sockets: members.length, users: users.size },
            members: sketch(users, membersSketched(page.limit)),
          };
        },
      );
    },

    users(page) {
      const users = new Map<string, UserInfo>();
      for (const { identity, connectedAt } of connections.all()) {
        const user = users.get(identity.userId) ?? { userId: identity.userId, sockets: 0, connectedAt };
        user.sockets++;
        user.connectedAt = Math.min(user.connectedAt, connectedAt);
        users.set(identity.userId, user);
      }
      return paginate(
        [...users.values()],
        ({ userId }) => userId,
        page,
        (user) => user,
      );
    },
  };
}

/** In the order of the keys, so that a cursor holds although items come and go between two pages. */
function paginate<Item, Shown>(
  items: Item[],
  keyOf: (item: Item) => string,
  { limit, cursor }: PageRequest,
  show: (item: Item) => Shown,
): Page<Shown> {
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = items
    .filter((item) => cursor === undefined || keyOf(item) > cursor)
    .sort((a, b) => compare(keyOf(a), keyOf(b)));
  const page = sorted.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(show),
    ...(sorted.length > limit && last !== undefined && { next: keyOf(last) }),
  };
}
