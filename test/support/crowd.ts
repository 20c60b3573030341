import type { RtSocket } from '../../src/core/connection.ts';
import type { RealtimeServer } from '../../src/index.ts';
import { connectRaw } from './raw-texts.ts';
import { startServer } from './start-server.ts';

export const ROOM = { rooms: ['crowd'] };
export const news = (number: number) => `2["news",${number}]`;
export const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

/** A server, and a client that sees every packet, in the room `crowd`. */
export async function startCrowd(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer(options);
  const client = await connectRaw(started.url, started.token('ann'));
  const socket = socketOf(started.server, 'ann');
  socket.join('crowd');
  return { ...started, client, socket, tcp: tcpOf(socket) };
}

function socketOf({ io }: Pick<RealtimeServer, 'io'>, userId: string): RtSocket {
  const found = [...io.sockets.sockets.values()].find(({ data }) => data.userId === userId);
  if (found === undefined) throw new Error(`${userId} is not connected`);
  return found;
}

/** The TCP socket below a WebSocket, which has no public name. */
export function tcpOf({ conn }: { conn: object }) {
  const { transport } = conn as unknown as { transport: { socket: { _socket: import('node:net').Socket } } };
  return transport.socket._socket;
}

/** Sends by `send` until neither kernel takes more; resolves to how often. */
export async function fill(tcp: import('node:net').Socket, send: () => void): Promise<number> {
  const { _handle: handle } = tcp as unknown as { _handle: { writeQueueSize: number } };
  for (let sent = 0; ; sent += 1) {
    if (handle.writeQueueSize > 0) return sent;
    send();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
