import { type IncomingMessage, ServerResponse } from 'node:http';
import { correlationIdOf } from '../contract/correlation-id.ts';
import { ERRORS } from '../contract/errors.ts';
import type { RtServer } from './connection.ts';
import type { MayConnectFrom } from './origin.ts';

/** How long a refused client may take to read why. */
const REFUSED_MS = 900;

/** An origin that was turned away. */
export interface OriginRefusal {
  origin: string | undefined;
  correlationId: string;
  request: IncomingMessage;
}

/**
 * Turns unauthorized origins away before Socket.IO sees them, on both transports. CORS headers alone would not: no browser
 * asks before it opens a WebSocket.
 */
export function guardOrigins(
  io: RtServer,
  mayConnectFrom: MayConnectFrom,
  onRefused: (refusal: OriginRefusal) => void,
) {
  io.engine.use((request: IncomingMessage, response: unknown, next: () => void) => {
    const { origin } = request.headers;
    if (mayConnectFrom(origin)) {
      next();
      return;
    }
    const correlationId = correlationIdOf(request.headers);
    onRefused({ origin, correlationId, request });
    const code = 'ORIGIN_NOT_ALLOWED';
    const body = JSON.stringify({ code, message: ERRORS[code].message, origin: origin ?? null, correlationId });
    // For an upgrade engine.io passes a stand-in that cannot answer: the answer goes to the TCP socket itself.
    if (response instanceof ServerResponse) {
      response.writeHead(403, { 'Content-Type': 'application/json', Connection: 'close' }).end(body);
    } else {
      const { socket } = request;
      // Half-open sockets are allowed here: a client that does not close its side would keep this one for ever.
      socket.setTimeout(REFUSED_MS, () => socket.destroy());
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nConnection: close\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        () => socket.destroySoon(),
      );
    }
  });
}
