import { bufferedBytes } from './buffered.ts';
import type { Connection, RtServer, RtSocket } from './connection.ts';
import type { Connections } from './connections.ts';
import { endTransport } from './end-transport.ts';

type Transport = RtSocket['conn'];

const SWEEP_EVERY_MS = 500;
/** A burst may fill a buffer for a moment; a client that does not read keeps it full. */
const PATIENCE_MS = 1_000;

export interface SlowConsumers {
  /** Clients with more than half of the limit waiting, when last looked. */
  readonly slow: number;
  close(): void;
}

/**
 * Finds the clients that do not take what is sent to them, before what waits for them fills the memory. Transports that are
 * in no namespace are looked at too: what is asked over them is answered as well.
 *
 * @param limits `bufferedBytes` may wait for one client for longer than a second
 * @param onSlow called once for such a connection, which it must end
 */
export function watchSlowConsumers(
  io: RtServer,
  connections: Connections,
  limits: { readonly bufferedBytes: number },
  onSlow: (connection: Connection) => void,
): SlowConsumers {
  let slow = 0;
  let overSince = new Map<Transport, number>();

  const timer = setInterval(() => {
    const now = performance.now();
    const { bufferedBytes: limitBytes } = limits;
    const over = new Map<Transport, number>();
    let connectionOf: Map<Transport, Connection> | undefined;
    slow = 0;
    for (const conn of transportsOf(io)) {
      const bytes = bufferedBytes({ conn });
      if (bytes > limitBytes / 2) slow++;
      if (bytes <= limitBytes) continue;
      const since = overSince.get(conn) ?? now;
      connectionOf ??= new Map(connections.all().map((connection) => [connection.socket.conn, connection]));
      const connection = connectionOf.get(conn);
      // Nothing is owed to a transport in no namespace: no patience either.
      if (connection === undefined) endTransport(conn);
      else if (now - since >= PATIENCE_MS) onSlow(connection);
      else over.set(conn, since);
    }
    overSince = over;
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
