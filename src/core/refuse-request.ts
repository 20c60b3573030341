import { type IncomingMessage, ServerResponse } from 'node:http';

/** How long a refused client may take to read why. */
const READ_MS = 900;

type Status = '400 Bad Request' | '403 Forbidden' | '503 Service Unavailable';

/**
 * Refuses a request that came to engine.io, of whichever kind.
 *
 * @param response what engine.io's middleware got: for an upgrade a stand-in that cannot answer
 */
export function refuseRequest(request: IncomingMessage, response: unknown, status: Status, json: object): void {
  if (!(response instanceof ServerResponse)) {
    refuseUpgrade(request, status, json);
    return;
  }
  response
    .writeHead(Number.parseInt(status, 10), { 'Content-Type': 'application/json', Connection: 'close' })
    .end(JSON.stringify(json));
}

/** Answers a WebSocket upgrade with an HTTP error, which engine.io has no way to do, and closes the TCP connection. */
export function refuseUpgrade({ socket }: IncomingMessage, status: Status, json: object): void {
  const body = JSON.stringify(json);
  // Node takes its own listener off an upgraded socket: a reset would end the process.
  socket.on('error', () => {});
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  // Half-open sockets are allowed here: a client that does not close its side would keep this one for ever.
  socket.setTimeout(READ_MS, () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroySoon(),
  );
}
