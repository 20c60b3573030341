import type { Ready } from '../contract/events.ts';
import type { Identity } from '../contract/identity.ts';
import type { Log } from '../contract/log-names.ts';
import { personalRoom } from '../contract/rooms.ts';
import { type Closings, createClosings } from './closing.ts';
import type { Connection, RtServer, RtSocket } from './connection.ts';
import type { Connections } from './connections.ts';
import { endIfUnused } from './end-transport.ts';
import { createExpiries } from './expiry.ts';
import type { Admitted } from './handshake.ts';
import { createHeartbeats } from './heartbeat.ts';
import type { ModuleHost } from './modules.ts';
import type { RefusalLog } from './refusals.ts';
import { releaseRequest } from './release-request.ts';
import type { Rooms } from './rooms.ts';
import type { Counters } from './stats.ts';

export interface LifecycleContext {
  io: RtServer;
  connections: Connections;
  rooms: Rooms;
  application: Pick<ModuleHost, 'connected' | 'disconnected'>;
  log: Log;
  counters: Counters;
  refusals: RefusalLog;
  heartbeat: { timeout: number; source: 'ping' | 'any' };
  limits: { readonly connectionsPerUser: number };
  connectTimeoutMs: number;
}

/** A connection from the moment it is through its handshake to its end. */
export interface Lifecycle {
  accept(socket: RtSocket, admitted: Admitted): Connection;
  /** A sign of life: moves `lastSeen`. */
  beat(connection: Connection): void;
  /** The same user with other rights and another end. */
  replaceIdentity(connection: Connection, identity: Identity): void;
  close: Closings['close'];
  /** Stops the timers. */
  stop(): void;
}

export function createLifecycle(context: LifecycleContext): Lifecycle {
  const { io, connections, rooms, application, log, counters, refusals, heartbeat } = context;
  const closings = createClosings({ log, counters, refusals, forget });
  const heartbeats = createHeartbeats<Connection>(heartbeat.timeout, onSilent);
  const expiries = createExpiries<Connection>((connection) => closings.close(connection, 'TOKEN_EXPIRED'));

  function accept(socket: RtSocket, { identity, slot, correlationId, address, origin, flood }: Admitted): Connection {
    const connection: Connection = {
      socket,
      identity,
      slot,
      correlationId,
      address,
      origin,
      connectedAt: Date.now(),
      flood,
      isOver: false,
    };
    slot.hold(connection);
    connections.add(connection);
    counters.accepted++;
    void socket.join(personalRoom(identity.userId));
    beat(connection);
    expiries.set(connection, identity.expiresAt);
    socket.on('disconnect', onDisconnect);
    if (heartbeat.source === 'any') {
      const onPacket = () => beat(connection);
      socket.conn.on('packet', onPacket);
      // The transport may outlive this connection, and carry another one.
      socket.on('disconnect', () => void socket.conn.off('packet', onPacket));
    }
    log.info('connection.accepted', {
      ...named(connection),
      transport: socket.conn.transport.name,
      address,
      ...(origin !== undefined && { origin }),
    });
    socket.emit('ready', describeReady(connection));
    application.connected(connection);
    releaseRequest(socket);
    return connection;
  }

  /** Shared by all sockets, each of which is its `this`. */
  function onDisconnect(this: RtSocket, reason: string): void {
    const connection = connections.get(this.id);
    // What we have closed ourselves is forgotten by now, and its transport ends in any case.
    if (connection === undefined) return;
    closings.ended(connection, reason);
    // Of the client, or of the application by `socket.disconnect()`.
    if (reason.endsWith('namespace disconnect')) endIfUnused(this, context.connectTimeoutMs);
  }

  function describeReady(connection: Connection): Ready {
    return {
      socketId: connection.socket.id,
      userId: connection.identity.userId,
      rooms: rooms.of(connection),
      heartbeatTimeoutMs: heartbeat.timeout,
      connectionsPerUser: context.limits.connectionsPerUser,
      serverTime: Date.now(),
    };
  }

  function beat(connection: Connection): void {
    if (connection.isOver) return;
    connection.socket.data.lastSeen = Date.now();
    heartbeats.beat(connection);
  }

  function onSilent(connection: Connection): void {
    const { lastSeen } = connection.socket.data;
    counters.heartbeatTimeouts++;
    log.warn('heartbeat.timeout', { ...named(connection), lastSeen, timeoutMs: heartbeat.timeout });
    closings.close(connection, 'HEARTBEAT_TIMEOUT');
  }

  function forget(connection: Connection): void {
    connections.remove(connection);
    connection.slot.release();
    heartbeats.drop(connection);
    expiries.drop(connection);
    // Now, not when the transport is gone: whoever is being closed gets no more events and is in no list.
    io.sockets.adapter.delAll(connection.socket.id);
    application.disconnected(connection);
  }

  return {
    accept,
    beat,
    replaceIdentity(connection, identity) {
      if (connection.isOver) return;
      connection.identity = identity;
      connection.socket.data.user = identity.claims;
      expiries.set(connection, identity.expiresAt);
      rooms.enforce(connection);
    },
    close: closings.close,
    stop() {
      heartbeats.close();
      expiries.close();
    },
  };
}

const named = ({ correlationId, identity, socket }: Connection) => ({
  correlationId,
  userId: identity.userId,
  socketId: socket.id,
});
