import type { StandardSchemaV1 } from '@standard-schema/spec';
import { didYouMean } from '../contract/did-you-mean.ts';
import { RtError } from '../contract/errors.ts';
import { isReservedEvent, type RegisteredEvents } from '../contract/events.ts';
import type { Claims } from '../contract/identity.ts';
import type { Log } from '../contract/log-names.ts';
import { isPersonalRoom, isProtocolRoom } from '../contract/rooms.ts';
import type { Connection, RtSocket } from './connection.ts';
import type { BoundHandler } from './dispatch.ts';
import type { Emitter } from './emitter.ts';
import type { Rooms } from './rooms.ts';
import { unwrapResult } from './schema.ts';

/** What a module's handler is given beside the payload. */
export interface ModuleContext {
  /** The Socket.IO socket, for whatever the rest does not offer. */
  readonly socket: RtSocket;
  readonly userId: string;
  readonly user: Claims;
  readonly correlationId: string;
  /** To everybody, with the rules and the logging of every emission. */
  readonly emitter: Emitter<RegisteredEvents>;
  /**
   * Puts the socket into a room of the module's own naming. The `rooms` claim and `limits.roomsPerSocket` hold here too. Does
   * nothing once the client has left.
   *
   * @throws RtError `ROOM_INVALID`, `ROOM_FORBIDDEN` or `ROOM_LIMIT_EXCEEDED`
   */
  join(room: string): void;
  /** @throws RtError `ROOM_INVALID` or `ROOM_FORBIDDEN` */
  leave(room: string): void;
}

/**
 * Handles one event of clients. The object that it returns, or resolves to, goes into the acknowledgement beside `ok: true`; an
 * `RtError` it throws becomes `ok: false` with its code, anything else `INTERNAL`.
 */
export type ModuleHandler = (payload: unknown, context: ModuleContext) => unknown;

/**
 * A handler whose payload was checked: `handle` gets what the schema passes on, typed; a client that sends anything else
 * gets `PAYLOAD_INVALID`.
 */
export function defineHandler<Schema extends StandardSchemaV1>(
  schema: Schema,
  handle: (payload: StandardSchemaV1.InferOutput<Schema>, context: ModuleContext) => unknown,
): ModuleHandler {
  return async (payload, context) => handle(unwrapResult(await schema['~standard'].validate(payload)), context);
}

/** A part of an application that has events and rooms of its own. */
export interface RealtimeModule {
  /** For logs and for error messages. */
  readonly name: string;
  /** Rooms whose names begin like this are the module's alone: `room:join` and `room:leave` refuse them. */
  readonly roomPrefix?: string;
  /** Client events to their handlers. A name can be handled once, and not one of the server's own. */
  readonly handlers?: Readonly<Record<string, ModuleHandler>>;
  /** A user's socket is through the handshake and in its personal room. */
  onConnect?(context: ModuleContext): void | Promise<void>;
  /** It is gone, and in no room any more. */
  onDisconnect?(context: ModuleContext): void | Promise<void>;
}

/** Returns the very module; gives its handlers their types. */
export function defineModule<const Module extends RealtimeModule>(module: Module): Module {
  return module;
}

const MODULE_KEYS: readonly string[] = ['name', 'roomPrefix', 'handlers', 'onConnect', 'onDisconnect'];

const moduleInvalid = ({ name }: RealtimeModule, what: string) =>
  new RtError('CONFIG_INVALID', { key: 'modules', reason: `module "${name}" ${what}` });

/** A misspelt hook would never be called, and nobody would know. */
function requireKnownKeys(module: RealtimeModule): void {
  const strange = Object.keys(module).find((key) => !MODULE_KEYS.includes(key));
  if (strange === undefined) return;
  throw moduleInvalid(module, `has no key "${strange}".${didYouMean(strange, MODULE_KEYS)}`);
}

/** A prefix that takes rooms of the server, or all of them, would keep everybody out of them, the module included. */
function requireOwnPrefix(module: RealtimeModule): void {
  const { roomPrefix } = module;
  if (roomPrefix === undefined) return;
  if (typeof roomPrefix === 'string' && roomPrefix !== '' && !isPersonalRoom(roomPrefix) && !isProtocolRoom(roomPrefix))
    return;
  throw moduleInvalid(
    module,
    'needs a roomPrefix of its own, as "chat/": not empty, and not of user: or protocol: rooms',
  );
}

export interface ModuleHost {
  /** Beginnings of the names of rooms that belong to modules. */
  roomPrefixes: readonly string[];
  handlers: ReadonlyMap<string, BoundHandler>;
  connected(connection: Connection): void;
  disconnected(connection: Connection): void;
}

export interface ModuleHostContext {
  emitter: Emitter;
  log: Log;
  rooms: Rooms;
}

/**
 * Makes the handlers of all modules one table.
 *
 * @throws RtError `CONFIG_INVALID` when two want the same event, or one what is the server's
 */
export function createModuleHost(modules: readonly RealtimeModule[], context: ModuleHostContext): ModuleHost {
  const { emitter, log, rooms } = context;
  const handlers = new Map<string, BoundHandler>();
  const contextFor = (connection: Connection): ModuleContext => ({
    socket: connection.socket,
    userId: connection.identity.userId,
    user: connection.identity.claims,
    correlationId: connection.correlationId,
    emitter: emitter as Emitter<RegisteredEvents>,
    join: (room) => rooms.joinForModule(connection, room),
    leave: (room) => rooms.leaveForModule(connection, room),
  });

  for (const module of modules) {
    requireKnownKeys(module);
    requireOwnPrefix(module);
    for (const [event, handler] of Object.entries(module.handlers ?? {})) {
      if (isReservedEvent(event)) {
        throw moduleInvalid(
          module,
          `handles "${event}", which Socket.IO keeps to itself: use onConnect and onDisconnect`,
        );
      }
      if (handlers.has(event)) throw moduleInvalid(module, `handles "${event}", which is handled already`);
      handlers.set(event, async (payload, connection) => {
        const result = await handler(payload, contextFor(connection));
        return typeof result === 'object' && result !== null ? result : {};
      });
    }
  }

  /** A hook that fails, at once or later, is logged; the connection goes on. */
  async function call(module: RealtimeModule, hook: 'onConnect' | 'onDisconnect', connection: Connection) {
    try {
      await module[hook]?.(contextFor(connection));
    } catch (error) {
      const { correlationId, identity, socket } = connection;
      log.error('handler.failed', {
        ...{ correlationId, userId: identity.userId, socketId: socket.id },
        ...{ module: module.name, event: hook, err: error },
      });
    }
  }

  const callAll = (hook: 'onConnect' | 'onDisconnect', connection: Connection) => {
    for (const module of modules) void call(module, hook, connection);
  };

  return {
    roomPrefixes: modules.flatMap(({ roomPrefix }) => roomPrefix ?? []),
    handlers,
    connected: (connection) => callAll('onConnect', connection),
    disconnected: (connection) => callAll('onDisconnect', connection),
  };
}
