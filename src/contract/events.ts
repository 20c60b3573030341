import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Ack } from './ack.ts';
import type { Closing } from './closings.ts';

/** What the server emits once a connection is through. Times are milliseconds since 1970, durations milliseconds. */
export interface Ready {
  socketId: string;
  userId: string;
  rooms: string[];
  heartbeatTimeoutMs: number;
  connectionsPerUser: number;
  serverTime: number;
}

export interface Pong {
  lastSeen: number;
  serverTime: number;
}

/** Results of a client's events, `ok: true` left out. */
export interface RoomResult {
  room: string;
}
export interface ProtocolJoinResult {
  room: string;
  /** The protocol room that was left for this one. */
  left?: string;
}
export interface ProtocolLeaveResult {
  left?: string;
}
export interface RefreshResult {
  /** When the new token expires, in milliseconds since 1970; `null` for a token without `exp`. */
  expiresAt: number | null;
}

/** Events that a client may send, with their acknowledgements: for the type parameters of Socket.IO. */
export interface ClientToServerEvents {
  ping: (payload?: unknown, ack?: (result: Ack<Pong>) => void) => void;
  'protocol:join': (payload: { protocolId: string | number }, ack?: (result: Ack<ProtocolJoinResult>) => void) => void;
  'protocol:leave': (payload?: unknown, ack?: (result: Ack<ProtocolLeaveResult>) => void) => void;
  'room:join': (payload: { room: string }, ack?: (result: Ack<RoomResult>) => void) => void;
  'room:leave': (payload: { room: string }, ack?: (result: Ack<RoomResult>) => void) => void;
  'auth:refresh': (payload: { token: string }, ack?: (result: Ack<RefreshResult>) => void) => void;
}

/** Events that the server sends by itself; the application's own come on top. */
export interface ServerToClientEvents {
  ready: (payload: Ready) => void;
  pong: (payload: Pong) => void;
  closing: (payload: Closing) => void;
}

/** Names that the server's own events use: not for the application's. */
export const SYSTEM_EVENTS: readonly string[] = ['ready', 'pong', 'closing'];

/** Names that Socket.IO keeps for itself on its sockets. */
const RESERVED_EVENTS: ReadonlySet<string> = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]);

export const isReservedEvent = (event: string): boolean => RESERVED_EVENTS.has(event);

/** Event name to the schema of its payload: any library that speaks Standard Schema (zod, valibot, arktype). */
export type EventSchemas = Readonly<Record<string, StandardSchemaV1>>;

/**
 * Declares the application's events, once, for both ends. Returns the very object, its type kept, so that
 * `emitter.emit` accepts only these names with these payloads.
 */
export function defineEvents<const Schemas extends EventSchemas>(schemas: Schemas): Schemas {
  return schemas;
}

/** What the emitting side passes. */
export type PayloadInput<Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferInput<Schema> : unknown;

/** What the receiving side gets, after the schema's defaults and transformations. */
export type PayloadOutput<Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : unknown;

/**
 * Filled by the application, for the types of the global accessor `realtime`:
 * `declare module 'rtserver' { interface Register { events: typeof events } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: empty is the point: an application merges its own events into it
export interface Register {}

/** The application's registered events, or any event where none were registered. */
export type RegisteredEvents = Register extends { events: infer Schemas extends EventSchemas } ? Schemas : EventSchemas;

export type EventName<Schemas extends EventSchemas> = keyof Schemas & string;
