import { type ClosingCode, createClosing } from '../contract/closings.ts';
import { ERRORS } from '../contract/errors.ts';
import type { Log } from '../contract/log-names.ts';
import type { Connection } from './connection.ts';
import { endTransport } from './end-transport.ts';
import type { RefusalLog } from './refusals.ts';
import { type Counters, type EndCode, increment } from './stats.ts';

export interface Closings {
  /** Ends a connection: the client is told why, then disconnected. Does nothing for one that is being ended already. */
  close(connection: Connection, code: ClosingCode): void;
  /** The client or the network has ended it; `reason` is Socket.IO's. */
  ended(connection: Connection, reason: string): void;
}

export interface ClosingsContext {
  log: Log;
  counters: Counters;
  refusals: RefusalLog;
  /** Forgets the connection everywhere: lists, rooms, slot, heartbeat, expiry. Called once for each connection. */
  forget(connection: Connection): void;
}

/** The one way out, for every reason. */
export function createClosings({ log, counters, refusals, forget }: ClosingsContext): Closings {
  function finish(connection: Connection, code: ClosingCode | EndCode, reason?: string): void {
    forget(connection);
    increment(counters.closed, code);
    const { identity, socket, correlationId, connectedAt } = connection;
    log.info('connection.closed', {
      correlationId,
      userId: identity.userId,
      socketId: socket.id,
      code,
      ...(reason !== undefined && { reason }),
      durationMs: Date.now() - connectedAt,
    });
  }

  return {
    close(connection, code) {
      if (connection.isOver) return;
      connection.isOver = true;
      const { socket, identity, correlationId, address, origin } = connection;
      refusals.record({
        at: Date.now(),
        kind: 'closed',
        code,
        userId: identity.userId,
        address,
        ...(origin !== undefined && { origin }),
        correlationId,
      });
      socket.emit('closing', createClosing(code, correlationId));
      finish(connection, code);
      // A DISCONNECT packet tells stock clients to stay away; a closed transport lets them reconnect by themselves.
      if (!ERRORS[code].retry) socket.disconnect();
      endTransport(socket.conn);
    },
    ended(connection, reason) {
      if (connection.isOver) return;
      connection.isOver = true;
      finish(connection, endCodeOf(reason), reason);
    },
  };
}

/** Of Socket.IO, and of engine.io. */
const BY_SERVER = ['server namespace disconnect', 'forced server close', 'forced close'];

function endCodeOf(reason: string): EndCode {
  if (BY_SERVER.includes(reason)) return 'SERVER_CLOSED';
  return reason === 'client namespace disconnect' || reason === 'transport close' ? 'CLIENT_CLOSED' : 'TRANSPORT_LOST';
}
