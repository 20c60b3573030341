import { bufferedBytes } from './buffered.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';

const SWEEP_EVERY_MS = 500;
/** A burst may fill a buffer for a moment; a client that does not read keeps it full. */
const PATIENCE_MS = 1_000;

export interface SlowConsumers {
  /** Clients with more than half of the limit waiting, when last looked. */
  readonly slow: number;
  close(): void;
}

/**
 * Finds the clients that do not take what is sent to them, before what waits for them fills the memory.
 *
 * @param limitBytes what may wait for one client for longer than a second
 * @param onSlow called once for such a connection, which it must end
 */
export function watchSlowConsumers(
  connections: Connections,
  limitBytes: number,
  onSlow: (connection: Connection) => void,
): SlowConsumers {
  let slow = 0;
  let overSince = new Map<Connection, number>();

  const timer = setInterval(() => {
    const now = performance.now();
    const over = new Map<Connection, number>();
    slow = 0;
    for (const connection of connections.all()) {
      const bytes = bufferedBytes(connection.socket);
      if (bytes > limitBytes / 2) slow++;
      if (bytes <= limitBytes) continue;
      const since = overSince.get(connection) ?? now;
      if (now - since >= PATIENCE_MS) onSlow(connection);
      else over.set(connection, since);
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
