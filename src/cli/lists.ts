import type { AdminClient } from '../client/admin.ts';
import type { EventInfo, Page, RefusalInfo, RoomInfo, SocketInfo, UserInfo } from '../contract/resources.ts';
import { formatRoughly } from '../contract/units.ts';

export type ListName = 'sockets' | 'rooms' | 'users' | 'refusals' | 'events';
type Filter = 'user' | 'room' | 'prefix' | 'limit' | 'cursor';

export type ListQuery = { [Name in Exclude<Filter, 'limit'>]: string | undefined } & { limit: number };

/** How one list is asked for and shown. */
interface List<Item> {
  filters: readonly Filter[];
  fetch(client: AdminClient, query: ListQuery): Promise<Page<Item>>;
  head: readonly string[];
  toRow(item: Item): string[];
  ifEmpty: string;
}

const sockets: List<SocketInfo> = {
  filters: ['user', 'room', 'limit', 'cursor'],
  fetch: (client, { user, room, limit, cursor }) => client.sockets({ user, room, limit, cursor }),
  head: ['SOCKET', 'USER', 'ROOMS', 'TRANSPORT', 'ADDRESS', 'CONNECTED', 'LAST SEEN', 'BUFFERED', 'NODE'],
  toRow: (socket) => [
    socket.id,
    socket.userId,
    socket.rooms.join(' '),
    socket.transport,
    socket.address,
    ago(socket.connectedAt),
    ago(socket.lastSeen),
    `${socket.bufferedBytes} B`,
    socket.node,
  ],
  ifEmpty: 'No sockets are connected. Connect one: rtserver join protocol:7 --user 42',
};

const rooms: List<RoomInfo> = {
  filters: ['prefix', 'limit', 'cursor'],
  fetch: (client, { prefix, limit, cursor }) => client.rooms({ prefix, limit, cursor }),
  head: ['ROOM', 'SOCKETS', 'USERS'],
  toRow: (room) => [room.room, String(room.sockets), String(room.users)],
  ifEmpty: 'There are no rooms. Join one: rtserver join protocol:7 --user 42',
};

const users: List<UserInfo> = {
  filters: ['limit', 'cursor'],
  fetch: (client, { limit, cursor }) => client.users({ limit, cursor }),
  head: ['USER', 'SOCKETS', 'CONNECTED'],
  toRow: (user) => [user.userId, String(user.sockets), ago(user.connectedAt)],
  ifEmpty: 'No users are connected. Connect one: rtserver join protocol:7 --user 42',
};

const refusals: List<RefusalInfo> = {
  filters: ['limit', 'cursor'],
  fetch: (client, { limit, cursor }) => client.refusals({ limit, cursor }),
  head: ['WHEN', 'WHAT', 'CODE', 'USER', 'ADDRESS', 'ORIGIN', 'CORRELATION ID'],
  toRow: (refusal) => [
    ago(refusal.at),
    refusal.kind,
    refusal.code,
    refusal.userId ?? '-',
    refusal.address,
    refusal.origin ?? '-',
    refusal.correlationId,
  ],
  ifEmpty: 'Nobody was refused, and no connection was closed by the server.',
};

const events: List<EventInfo> = {
  filters: [],
  fetch: (client) => client.events(),
  head: ['EVENT', 'SCHEMA'],
  toRow: (event) => [event.event, event.vendor],
  ifEmpty: 'The server has no schemas for events: it takes any event. Declare them as `events` in rtserver.config.ts.',
};

export const LISTS = { sockets, rooms, users, refusals, events } as const satisfies Record<ListName, unknown>;

const ago = (at: number) => `${formatRoughly(Date.now() - at)} ago`;
