import { once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';

export const WEBSOCKET_PATH = '/socket.io/?EIO=4&transport=websocket';

/** A request for a WebSocket, as bytes. */
export function upgradeRequest(path: string, ...headers: string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '\r\n',
  ].join('\r\n');
}

/**
 * A client of bytes that reads what comes and never ends its side of the TCP connection, whatever the server does.
 * `answered` resolves when something came, or the server ended its side.
 */
export function clingingPeer(url: string, text: string): { answered: Promise<unknown> } {
  const { port, hostname } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const answered = Promise.race([once(socket, 'data'), once(socket, 'end')]);
  socket.on('error', () => {}).resume();
  socket.write(text);
  onTestFinished(() => void socket.destroy());
  return { answered };
}
