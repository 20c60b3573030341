import type { StandardSchemaV1 } from '@standard-schema/spec';
import { didYouMean } from '../contract/did-you-mean.ts';
import { RtError } from '../contract/errors.ts';
import { isReservedEvent, type RegisteredEvents } from '../contract/events.ts';
import type { Claims } from '../contract/identity.ts';
import type { Log } from '../contract/log-names.ts';
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
   * Puts the socket into a room of the module's own naming. The `rooms` claim and `limits.roomsPerSocket` hold here too.
   *
   * @throws RtError `ROOM_INVALID`, `ROOM_FORBIDDEN` or `ROOM_LIMIT_EXCEEDED`
   */
  join(room: string): void;
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

/** A misspelt hook would never be called, and nobody would know. */
function requireKnownKeys(module: RealtimeModule): void {
  const strange = Object.keys(module).find((key) => !MODULE_KEYS.includes(key));
  if (strange === undefined) return;
  const reason = `module "${module.name}" has no key "${strange}".${didYouMean(strange, MODULE_KEYS)}`;
  throw new RtError('CONFIG_INVALID', { key: 'modules', reason });
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
 * @throws RtError `CONFIG_INVALID` when two want the same event
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
    for (const [event, handler] of Object.entries(module.handlers ?? {})) {
      if (handlers.has(event) || isReservedEvent(event)) {
        throw new RtError('CONFIG_INVALID', {
          key: 'modules',
          reason: `module "${module.name}" handles "${event}", which is handled already`,
        });
      }
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
