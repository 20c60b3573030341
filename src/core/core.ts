import type { ClosingCode } from '../contract/closings.ts';
import type { EventSchemas } from '../contract/events.ts';
import type { Identity } from '../contract/identity.ts';
import type { Page, RefusalInfo } from '../contract/resources.ts';
import { isPersonalRoom } from '../contract/rooms.ts';
import type { Stats } from '../contract/stats.ts';
import type { AdminCore } from './admin-namespace.ts';
import { createAdmission } from './admission.ts';
import { type ApplicationParts, createApplication, prepareApplication } from './application.ts';
import { bufferedBytes } from './buffered.ts';
import { createConnectRate } from './connect-rate.ts';
import type { Connection, RtServer, RtSocket } from './connection.ts';
import { createConnections } from './connections.ts';
import type { CoreOptions, CorePorts } from './core-options.ts';
import { createDispatch } from './dispatch.ts';
import { closeOverWindow } from './drain.ts';
import { createEmitter, type DetailedEmitter } from './emitter.ts';
import { createFloodGuard } from './flood.ts';
import { bindHandlers } from './handlers/index.ts';
import { guardHandshakes } from './handshake.ts';
import { createInFlight } from './in-flight.ts';
import { shortenIntake } from './intake.ts';
import { createLifecycle } from './lifecycle.ts';
import { createListing, type Listing } from './listing.ts';
import type { Observed } from './observe.ts';
import { createRefusalLog, type OrderedRefusal } from './refusals.ts';
import { createRooms } from './rooms.ts';
import { watchSlowConsumers } from './slow-consumers.ts';
import { type Counters, createCounters, createRateMeter, increment, totalsOf } from './stats.ts';

/** The realtime server behind the HTTP API and the library. */
export interface Core {
  readonly emitter: DetailedEmitter;
  readonly list: Listing;
  readonly counters: Counters;
  readonly node: string;
  readonly events: EventSchemas | undefined;
  readonly isDraining: boolean;
  /** What the namespace `/admin` watches. */
  readonly admin: AdminCore;
  /** Everything of `Stats` but what concerns the process. */
  stats(): CoreStats;
  /** Bytes waiting for all clients together. */
  bufferedBytes(): number;
  /** Newest first. */
  refusals(limit: number, cursor?: number): Page<OrderedRefusal>;
  /** Records a refusal that was decided before Socket.IO saw the request. */
  recordRefusal(refusal: RefusalInfo): void;
  countSockets(userId: string): number;
  /** The ways to pick whose connection ends. Each returns how many did. */
  closeSocket(socketId: string, code: ClosingCode): number;
  closeUser(userId: string, code: ClosingCode): number;
  closeWhere(which: (identity: Identity) => boolean, code: ClosingCode): number;
  closeTransport(transport: RtSocket['conn'], code: ClosingCode): number;
  /** Refuses new connections from now on and ends the present ones over `shutdown.spread`. */
  drain(): Promise<void>;
  /**
   * Puts the application's parts together; the function that it returns puts them to work, at once and for everybody. Who is
   * connected stays, and `onConnect` is not called for them again.
   *
   * @throws RtError `CONFIG_INVALID` where modules want the same event
   */
  prepare(parts: ApplicationParts): () => void;
  /** Stops timers; after it, emissions fail with `SERVER_NOT_RUNNING`. */
  stop(): void;
}

export type CoreStats = Omit<Stats, 'version' | 'uptimeMs' | 'process' | 'limits'>;

/** Wires the parts onto a Socket.IO server. */
export function createCore(io: RtServer, options: CoreOptions, ports: CorePorts): Core {
  const { log, verifyToken, authenticate, addressOf } = ports;
  const { limits, heartbeat, node, ackTimeoutMs, shutdown } = options;
  let isDraining = false;
  let isStopped = false;
  const observed: Observed = { by: undefined };

  const counters = createCounters();
  const refusals = createRefusalLog();
  const connections = createConnections(io);
  const application = createApplication();
  const rooms = createRooms(io, { limits, application }, log);
  const flood = createFloodGuard(() => limits.eventsPerSecond);
  const inFlight = createInFlight();
  const emitter = createEmitter({
    ...{ io, log, counters, application, inFlight, ackTimeoutMs, observed, backplane: ports.backplane },
    isClosed: () => isStopped,
  });
  const lifecycle = createLifecycle({
    ...{ io, connections, rooms, application, log, counters, refusals, heartbeat, limits },
    connectTimeoutMs: options.connectTimeoutMs,
  });
  const replace = (oldest: Connection) => lifecycle.close(oldest, 'REPLACED');
  const admission = createAdmission<Connection>(
    limits,
    { replace, oldestOf: (userId, count) => connections.ofUser(userId).slice(0, count) },
    ports.backplane?.slots,
  );
  const { beat, replaceIdentity } = lifecycle;
  const prepare = (parts: ApplicationParts) =>
    prepareApplication(application, parts, {
      ...{ emitter, log, rooms },
      bind: (ofModules) => bindHandlers({ rooms, beat, replaceIdentity, verifyToken }, ofModules),
    });
  prepare(options.application)();
  const intake = createDispatch({
    ...{ application, flood, log, counters, inFlight, observed },
    closeFlooding: (connection) => lifecycle.close(connection, 'RATE_LIMITED'),
  });
  const shorten = options.fastPath ? shortenIntake(intake, log, ports.nextTick) : undefined;
  const handshakes = guardHandshakes(io, {
    ...{ admission, authenticate, addressOf, flood, log, counters, refusals },
    countConnect: createConnectRate(limits),
    isDraining: () => isDraining,
  });

  // Timers last: nothing above that throws may leave one behind.
  const meter = createRateMeter(counters);
  const slowConsumers = watchSlowConsumers(io, connections, limits, (connection) =>
    lifecycle.close(connection, 'SLOW_CONSUMER'),
  );

  io.on('connection', (socket) => {
    const admitted = handshakes.take(socket);
    if (admitted === undefined) return;
    const connection = lifecycle.accept(socket, admitted);
    socket.use((packet, next) => intake.dispatch(connection, packet, next));
    shorten?.(connection);
    if (admitted.endedBy !== undefined) lifecycle.close(connection, admitted.endedBy);
  });

  function closeAll(found: readonly Connection[], code: ClosingCode): number {
    for (const connection of found) lifecycle.close(connection, code);
    return found.length;
  }

  function recordRefusal(refusal: RefusalInfo): void {
    increment(counters.refused, refusal.code);
    refusals.record(refusal);
  }

  return {
    admin: {
      ...{ io, connections, rooms, counters, observed, log, node, recordRefusal },
      // A count of its own: users who all come back at once must not keep an administrator out, nor the other way round.
      countConnect: createConnectRate(limits),
      get events() {
        return application.events;
      },
      refusals: refusals.list,
      isDraining: () => isDraining,
      countSlow: () => slowConsumers.slow,
      lagMs: meter.lagMs,
    },
    emitter,
    list: createListing(io, connections, rooms, node),
    ...{ counters, node, prepare },
    get events() {
      return application.events;
    },
    get isDraining() {
      return isDraining;
    },
    stats() {
      const { adapter, sockets } = io.sockets;
      let users = 0;
      let ofOthers = 0;
      for (const name of adapter.rooms.keys()) {
        if (isPersonalRoom(name)) users++;
        else if (!sockets.has(name)) ofOthers++;
      }
      return {
        node,
        serverTime: Date.now(),
        connections: connections.size,
        users,
        rooms: users + ofOthers,
        slots: admission.total,
        totals: totalsOf(counters),
        rates: meter.rates(),
      };
    },
    bufferedBytes: () => connections.all().reduce((bytes, { socket }) => bytes + bufferedBytes(socket), 0),
    refusals: refusals.page,
    recordRefusal,
    countSockets: (userId) => connections.ofUser(userId).length,
    closeSocket(socketId, code) {
      const connection = connections.get(socketId);
      return connection === undefined ? 0 : closeAll([connection], code);
    },
    closeUser(userId, code) {
      handshakes.end((identity) => identity.userId === userId, code);
      return closeAll(connections.ofUser(userId), code);
    },
    closeWhere(which, code) {
      handshakes.end(which, code);
      return closeAll(connections.where(which), code);
    },
    closeTransport: (transport, code) => closeAll(connections.onTransport(transport), code),
    async drain() {
      isDraining = true;
      log.info('server.draining', { connections: connections.size });
      // Half of what the closings leave: the other half is for the clients to take them.
      await inFlight.idle((shutdown.timeout - shutdown.spread) / 2);
      const gone: Promise<unknown>[] = [];
      await closeOverWindow(connections.all(), shutdown.spread, (connection) => {
        if (connection.isOver) return;
        gone.push(new Promise((resolve) => connection.socket.conn.once('close', resolve)));
        lifecycle.close(connection, 'SERVER_SHUTDOWN');
      });
      await Promise.all(gone);
    },
    stop() {
      isStopped = true;
      lifecycle.stop();
      slowConsumers.close();
      meter.close();
    },
  };
}
