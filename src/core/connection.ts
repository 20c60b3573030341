import type { Server, Socket } from 'socket.io';
import type { ClientToServerEvents, ServerToClientEvents } from '../contract/events.ts';
import type { Claims, Identity } from '../contract/identity.ts';
import type { FloodState } from './flood.ts';

/** What `socket.data` holds once a connection is through; times are milliseconds since 1970. */
export interface SocketData {
  userId: string;
  /** The claims of the token, or what the session was created with. */
  user: Claims;
  correlationId: string;
  /** The last heartbeat. */
  lastSeen: number;
}

/** The application's own events are checked by the emitter, at run time and as types, so Socket.IO sees them as any. */
interface ApplicationEvents {
  // biome-ignore lint/suspicious/noExplicitAny: the shape that Socket.IO itself gives to untyped events
  [event: string]: (...args: any[]) => void;
}
type NoEvents = Record<string, never>;

export type RtServer = Server<
  ClientToServerEvents & ApplicationEvents,
  ServerToClientEvents & ApplicationEvents,
  NoEvents,
  SocketData
>;
export type RtSocket = Socket<
  ClientToServerEvents & ApplicationEvents,
  ServerToClientEvents & ApplicationEvents,
  NoEvents,
  SocketData
>;

/** One socket that was let in, and what the server knows about it beside Socket.IO. */
export interface Connection {
  readonly socket: RtSocket;
  /** Replaced by `auth:refresh`. */
  identity: Identity;
  readonly correlationId: string;
  readonly connectedAt: number;
  readonly address: string;
  readonly origin: string | undefined;
  /** Its place among the connections that are allowed. */
  readonly slot: { release(): void };
  readonly flood: FloodState;
  /** Ended by either side: from then on it counts nowhere, whatever its transport still does. */
  isOver: boolean;
}
