import type { EventEmitter } from 'node:events';
import { bufferedBytes } from './buffered.ts';
import type { Connection, RtServer, RtSocket } from './connection.ts';
import type { Connections } from './connections.ts';
import { endTransport } from './end-transport.ts';

type Transport = RtSocket['conn'];

const SWEEP_EVERY_MS = 500;
/** A burst may fill a buffer for a moment; a client that does not read keeps what waits for it waiting. */
const PATIENCE_MS = 1_000;

export interface SlowConsumers {
  /** Clients with more than half of the limit waiting, when last looked. */
  readonly slow: number;
  close(): void;
}

/**
 * Finds the clients that do not take what is sent to them, before what waits for them fills the memory: those with more than
 * the limit waiting who have taken longer than a second over what was waiting before. One that is sent more all the time, and
 * takes it, may be over the limit whenever it is looked at. Transports that are in no namespace are looked at too: what is
 * asked over them is answered as well.
 *
 * @param limits `bufferedBytes` may wait for one client for longer than a second
 * @param onSlow called once for such a connection, which it must end
 * @param now a clock in milliseconds that only moves forward
 */
export function watchSlowConsumers(
  io: RtServer,
  connections: Pick<Connections, 'all'>,
  limits: { readonly bufferedBytes: number },
  onSlow: (connection: Connection) => void,
  now: () => number = () => performance.now(),
): SlowConsumers {
  let slow = 0;
  /** When a transport was first seen over the limit since it last took all that had been written. */
  const overSince = new Map<Transport, number>();

  function watch(conn: Transport, since: number): number {
    const { transport } = conn as unknown as { transport: EventEmitter };
    transport.once('drain', () => overSince.delete(conn));
    overSince.set(conn, since);
    return since;
  }

  const timer = setInterval(() => {
    const at = now();
    const { bufferedBytes: limitBytes } = limits;
    for (const conn of overSince.keys()) if (conn.readyState === 'closed') overSince.delete(conn);
    let connectionOf: Map<Transport, Connection> | undefined;
    slow = 0;
    for (const conn of transportsOf(io)) {
      const bytes = bufferedBytes({ conn });
      if (bytes > limitBytes / 2) slow++;
      if (bytes <= limitBytes) continue;
      const since = overSince.get(conn) ?? watch(conn, at);
      connectionOf ??= new Map(connections.all().map((connection) => [connection.socket.conn, connection]));
      const connection = connectionOf.get(conn);
      // Nothing is owed to a transport in no namespace: no patience either.
      if (connection === undefined) endTransport(conn);
      else if (at - since >= PATIENCE_MS) onSlow(connection);
    }
  }, SWEEP_EVERY_MS);
  timer.unref();

  return {
    get slow() {
      return slow;
    },
    close: () => clearInterval(timer),
  };
}

/** engine.io lists its transports to subclasses only. */
function transportsOf({ engine }: RtServer): Transport[] {
  return Object.values((engine as unknown as { clients?: Record<string, Transport> }).clients ?? {});
}
