import type { Server } from 'socket.io';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { RtSocket } from './connection.ts';

type Transport = RtSocket['conn'];

/** Half of the second within which a refused transport has to be gone: once for what is still to be written, once to close. */
const GRACE_MS = 450;

/** A WebSocket server for engine.io whose clients must answer a close frame soon: ws would wait for 30 s. */
export class PromptWebSocketServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    // An option of ws 8.19 and later, which its types do not know yet.
    super({ ...options, closeTimeout: GRACE_MS } as ServerOptions);
  }
}

/** Lets no polling client hold up the end of its transport: engine.io would wait 30 s for its last poll. */
export function closePollingPromptly(io: Pick<Server, 'engine'>): void {
  io.engine.on('connection', ({ transport }: { transport: { closeTimeout?: number } }) => {
    if (transport.closeTimeout !== undefined) transport.closeTimeout = GRACE_MS;
  });
}

/**
 * Closes a transport within a second, whatever its client does. What was written goes out first where the client takes it;
 * engine.io alone would wait for that without an end.
 */
export function endTransport(conn: Transport): void {
  conn.close();
  setTimeout(() => conn.close(true), GRACE_MS).unref();
}

/**
 * Ends a transport that was left with no namespace on it, unless it enters one in time: it would hold a
 * connection that counts in no limit.
 */
export function endIfUnused({ client, conn }: RtSocket, withinMs: number): void {
  // Socket.IO keeps the namespaces of a client to itself; where they are not found, nothing is ended.
  const { nsps } = client as unknown as { nsps?: ReadonlyMap<string, unknown> };
  setTimeout(() => {
    if (nsps?.size === 0 && conn.readyState === 'open') endTransport(conn);
  }, withinMs).unref();
}
