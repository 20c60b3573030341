import type { Identity } from '../../contract/identity.ts';
import type { Connection } from '../connection.ts';
import type { Rooms } from '../rooms.ts';

/** What the handlers of client events are given by the core. */
export interface HandlerContext {
  rooms: Rooms;
  /** A sign of life: moves `lastSeen`. */
  beat(connection: Connection): void;
  /** @throws RtError with the code of the refusal */
  verifyToken(token: unknown): Identity | Promise<Identity>;
  /** Replaces who the connection belongs to: same user, new rights, new end. */
  replaceIdentity(connection: Connection, identity: Identity): void;
}

/** Returns what goes into the acknowledgement beside `ok: true`, or throws an `RtError`. */
export type Handler = (payload: unknown, connection: Connection, context: HandlerContext) => object | Promise<object>;

/** Reads one field of a payload that may be anything. */
export function readField(payload: unknown, field: string): unknown {
  return typeof payload === 'object' && payload !== null && Object.hasOwn(payload, field)
    ? (payload as Record<string, unknown>)[field]
    : undefined;
}
