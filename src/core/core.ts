import type { IncomingMessage } from 'node:http';
import type { ClosingCode } from '../contract/closings.ts';
import type { EventSchemas, Ready } from '../contract/events.ts';
import type { Identity } from '../contract/identity.ts';
import type { Log } from '../contract/log-names.ts';
import type { RefusalInfo } from '../contract/resources.ts';
import { personalRoom } from '../contract/rooms.ts';
import { createAdmission } from './admission.ts';
import { createClosings } from './closing.ts';
import type { Connection, RtServer, RtSocket } from './connection.ts';
import { type BoundHandler, createDispatch } from './dispatch.ts';
import { closeOverWindow } from './drain.ts';
import { createEmitter, type DetailedEmitter } from './emitter.ts';
import { createExpiries } from './expiry.ts';
import { createFloodGuard } from './flood.ts';
import type { HandlerContext } from './handlers/context.ts';
import { HANDLERS } from './handlers/index.ts';
import { type Admitted, type Authenticate, guardHandshakes } from './handshake.ts';
import { createHeartbeats } from './heartbeat.ts';
import { createListing, type Listing } from './listing.ts';
import { createModuleHost, type RealtimeModule } from './modules.ts';
import { createRefusalLog } from './refusals.ts';
import { createRooms } from './rooms.ts';
import { type Counters, createCounters } from './stats.ts';

/** What the core needs of the options; everything is complete and checked. */
export interface CoreOptions {
  limits: {
    connectionsPerUser: number;
    onExceeded: 'reject' | 'replace-oldest';
    connections?: number | undefined;
    roomsPerSocket: number;
    eventsPerSecond: number;
  };
  heartbeat: { timeout: number; source: 'ping' | 'any' };
  ackTimeoutMs: number;
  shutdownSpreadMs: number;
  events: EventSchemas | undefined;
  modules: readonly RealtimeModule[];
  /** Name of this node in lists and metrics. */
  node: string;
}

/** What the core asks of the outside. */
export interface CorePorts {
  log: Log;
  authenticate: Authenticate;
  /** Checks the token of `auth:refresh`. */
  verifyToken(token: unknown): Identity | Promise<Identity>;
  addressOf(request: IncomingMessage): string;
}

/** The realtime server behind the HTTP API and the library. */
export interface Core {
  readonly emitter: DetailedEmitter;
  readonly list: Listing;
  readonly counters: Counters;
  readonly events: EventSchemas | undefined;
  readonly isDraining: boolean;
  refusals(): RefusalInfo[];
  /** Records a refusal that was decided before Socket.IO saw the request. */
  recordRefusal(refusal: RefusalInfo): void;
  countSockets(userId: string): number;
  /** Connections as they are now; for sweeps and figures. */
  connections(): IterableIterator<Connection>;
  /** Ends the socket with this id. @returns whether there was one */
  closeSocket(socketId: string, code: ClosingCode): boolean;
  /** Ends a user's sockets, or those of them that `which` picks. @returns how many */
  closeUser(userId: string, code: ClosingCode, which?: (identity: Identity) => boolean): number;
  /** Ends all sockets that `which` picks. @returns how many */
  closeWhere(which: (identity: Identity) => boolean, code: ClosingCode): number;
  /** Refuses new connections from now on and ends the present ones over `shutdown.spread`. */
  drain(): Promise<void>;
  /** Stops timers; after it, emissions fail with `SERVER_NOT_RUNNING`. */
  stop(): void;
}

/** Wires the parts onto a Socket.IO server. */
export function createCore(io: RtServer, options: CoreOptions, ports: CorePorts): Core {
  const { log } = ports;
  const { limits, heartbeat } = options;
  const connections = new Map<string, Connection>();
  const counters = createCounters();
  const refusals = createRefusalLog();
  let isDraining = false;
  let isStopped = false;

  const rooms = createRooms(io, limits.roomsPerSocket, log);
  const flood = createFloodGuard(limits.eventsPerSecond);
  const emitter = createEmitter({
    io,
    log,
    counters,
    events: options.events,
    ackTimeoutMs: options.ackTimeoutMs,
    isClosed: () => isStopped,
  });
  const modules = createModuleHost(options.modules, { emitter, log, reserved: Object.keys(HANDLERS) });
  const closings = createClosings({ log, counters, refusals, forget });
  const heartbeats = createHeartbeats<Connection>(heartbeat.timeout, onSilent);
  const expiries = createExpiries<Connection>((connection) => closings.close(connection, 'TOKEN_EXPIRED'));
  const admission = createAdmission(
    {
      connectionsPerUser: limits.connectionsPerUser,
      onExceeded: limits.onExceeded,
      connections: limits.connections,
    },
    (connection) => closings.close(connection, 'REPLACED'),
  );
  const handlerContext: HandlerContext = {
    rooms,
    beat,
    verifyToken: ports.verifyToken,
    replaceIdentity(connection, identity) {
      if (connection.isOver) return;
      connection.identity = identity;
      connection.socket.data.user = identity.claims;
      expiries.set(connection, identity.expiresAt);
      rooms.enforce(connection, identity);
    },
  };
  const dispatch = createDispatch({
    handlers: bindHandlers(),
    flood,
    log,
    counters,
    closeFlooding: (connection) => closings.close(connection, 'RATE_LIMITED'),
  });
  const takeAdmitted = guardHandshakes(io, {
    admission,
    authenticate: ports.authenticate,
    addressOf: ports.addressOf,
    isDraining: () => isDraining,
    log,
    counters,
    refusals,
  });

  io.on('connection', (socket) => {
    const admitted = takeAdmitted(socket);
    if (admitted !== undefined) accept(socket, admitted);
  });

  function bindHandlers(): Map<string, BoundHandler> {
    const bound = new Map<string, BoundHandler>();
    for (const [event, handler] of Object.entries(HANDLERS)) {
      bound.set(event, (payload, connection) => handler(payload, connection, handlerContext));
    }
    for (const [event, handler] of modules.handlers) bound.set(event, handler);
    return bound;
  }

  function accept(socket: RtSocket, { identity, slot, correlationId, address, origin }: Admitted): void {
    const connection: Connection = {
      socket,
      identity,
      slot,
      correlationId,
      address,
      origin,
      connectedAt: Date.now(),
      flood: flood.create(),
      isOver: false,
    };
    slot.hold(connection);
    connections.set(socket.id, connection);
    counters.accepted++;
    void socket.join(personalRoom(identity.userId));
    beat(connection);
    expiries.set(connection, identity.expiresAt);
    socket.use((packet, next) => dispatch(connection, packet, next));
    socket.on('disconnect', (reason) => closings.ended(connection, reason));
    if (heartbeat.source === 'any') socket.conn.on('packet', () => beat(connection));
    log.info('connection.accepted', {
      correlationId,
      userId: identity.userId,
      socketId: socket.id,
      transport: socket.conn.transport.name,
      address,
      ...(origin !== undefined && { origin }),
    });
    socket.emit('ready', describeReady(connection));
    modules.connected(connection);
  }

  function describeReady(connection: Connection): Ready {
    return {
      socketId: connection.socket.id,
      userId: connection.identity.userId,
      rooms: rooms.of(connection),
      heartbeatTimeoutMs: heartbeat.timeout,
      connectionsPerUser: limits.connectionsPerUser,
      serverTime: Date.now(),
    };
  }

  function beat(connection: Connection): void {
    if (connection.isOver) return;
    connection.socket.data.lastSeen = Date.now();
    heartbeats.beat(connection);
  }

  function onSilent(connection: Connection): void {
    const { correlationId, identity, socket } = connection;
    counters.heartbeatTimeouts++;
    log.warn('heartbeat.timeout', {
      correlationId,
      userId: identity.userId,
      socketId: socket.id,
      lastSeen: socket.data.lastSeen,
      timeoutMs: heartbeat.timeout,
    });
    closings.close(connection, 'HEARTBEAT_TIMEOUT');
  }

  function forget(connection: Connection): void {
    connections.delete(connection.socket.id);
    connection.slot.release();
    heartbeats.drop(connection);
    expiries.drop(connection);
    // Now, not when the transport is gone: whoever is being closed gets no more events and is in no list.
    io.sockets.adapter.delAll(connection.socket.id);
    modules.disconnected(connection);
  }

  function closeAll(found: Iterable<Connection>, code: ClosingCode): number {
    const list = [...found];
    for (const connection of list) closings.close(connection, code);
    return list.length;
  }

  const ofUser = (userId: string): Connection[] =>
    [...(io.sockets.adapter.rooms.get(personalRoom(userId)) ?? [])].flatMap((id) => connections.get(id) ?? []);

  return {
    emitter,
    list: createListing(io, connections, rooms, options.node),
    counters,
    events: options.events,
    get isDraining() {
      return isDraining;
    },
    refusals: () => refusals.list(),
    recordRefusal(refusal) {
      counters.refused.set(refusal.code, (counters.refused.get(refusal.code) ?? 0) + 1);
      refusals.record(refusal);
    },
    countSockets: (userId) => ofUser(userId).length,
    connections: () => connections.values(),
    closeSocket(socketId, code) {
      const connection = connections.get(socketId);
      return connection !== undefined && closeAll([connection], code) === 1;
    },
    closeUser: (userId, code, which = () => true) =>
      closeAll(
        ofUser(userId).filter(({ identity }) => which(identity)),
        code,
      ),
    closeWhere: (which, code) =>
      closeAll(
        [...connections.values()].filter(({ identity }) => which(identity)),
        code,
      ),
    async drain() {
      isDraining = true;
      log.info('server.draining', { connections: connections.size });
      const gone: Promise<unknown>[] = [];
      await closeOverWindow([...connections.values()], options.shutdownSpreadMs, (connection) => {
        gone.push(new Promise((resolve) => connection.socket.conn.once('close', resolve)));
        closings.close(connection, 'SERVER_SHUTDOWN');
      });
      await Promise.all(gone);
    },
    stop() {
      isStopped = true;
      heartbeats.close();
      expiries.close();
    },
  };
}
