import type { RtSocket } from './connection.ts';

type Transport = RtSocket['conn'];

/** Half of the second within which a refused transport has to be gone: once for what is still to be written, once to close. */
const GRACE_MS = 450;

/**
 * Closes a transport within a second, whatever its client does. What was written goes out first where the client takes it;
 * engine.io alone would wait 30 s for a polling client that does not poll, and ws 30 s for a close frame that never comes.
 */
export function endTransport(conn: Transport): void {
  const transport = conn.transport as unknown as TransportInternals;
  if (transport.closeTimeout !== undefined) transport.closeTimeout = GRACE_MS;
  conn.close();
  setTimeout(() => {
    conn.close(true);
    setTimeout(() => (conn.transport as unknown as TransportInternals).socket?.terminate?.(), GRACE_MS).unref();
  }, GRACE_MS).unref();
}

/**
 * What engine.io's transports hold beside their public interface: the wait of a polling transport for its last poll, and
 * the WebSocket of a websocket transport. Either may be absent, and then nothing is forced.
 */
interface TransportInternals {
  closeTimeout?: number;
  socket?: { terminate?: () => void };
}
