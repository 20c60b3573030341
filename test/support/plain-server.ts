import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { onTestFinished } from 'vitest';
import type { RtServer } from '../../src/core/connection.ts';
import { shortenDelivery } from '../../src/core/delivery.ts';
import { connectRaw } from './raw-texts.ts';

/** Socket.IO as it comes, but for the way of its messages, and one client of it that sees every packet. */
export async function startPlainServer(options: Partial<ServerOptions> = {}) {
  const http = createServer();
  const io = new Server(http, options) as unknown as RtServer;
  onTestFinished(() => io.close());
  if (process.env['RTSERVER_FAST_PATH'] !== '0') {
    const ignore = () => {};
    shortenDelivery(io, {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: ignore,
      isDebug: () => false,
      isInfo: () => false,
    });
  }
  const connected = new Promise<Socket>((resolve) => {
    io.on('connection', (socket) => {
      socket.emit('ready', {} as never);
      resolve(socket as unknown as Socket);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const client = await connectRaw(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, 'any');
  return { io, client, socket: await connected };
}
