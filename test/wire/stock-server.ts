import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Server, type ServerOptions } from 'socket.io';
import { onTestFinished } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import type { Wire } from '../../src/wire/wire.ts';
import type { WireOptions } from '../../src/wire/wire-options.ts';

/** For `expect.poll`: looks often, and gives up late, as the machine may be busy. */
export const POLL = { interval: 5, timeout: 10_000 } as const;

export interface StockServer {
  url: string;
  io: Server;
}

interface StockOptions extends Partial<ServerOptions> {
  tls?: { key: string; cert: string };
}

/** A Socket.IO server as it comes, on a port of its own; closed with the test. */
export async function startStockServer({ tls, ...options }: StockOptions = {}): Promise<StockServer> {
  const http = tls === undefined ? createServer() : createSecureServer(tls);
  const io = new Server(http, options);
  io.on('connection', (socket) => {
    socket.emit('ready', { socketId: socket.id });
    socket.on('ping', (...args: unknown[]) => {
      const last = args.at(-1);
      if (typeof last === 'function') last({ ok: true });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await io.close();
  });
  const { port } = http.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, io };
}

/** An HTTP server that knows nothing of Socket.IO; closed with the test. */
export async function startHttpServer(listener: RequestListener): Promise<string> {
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** An open wire that is dropped with the test. */
export async function openTestWire(url: string, options: WireOptions = {}): Promise<Wire> {
  const wire = await openWire(url, options);
  onTestFinished(() => wire.drop());
  return wire;
}

/** A wire that is in namespace `/`. */
export async function connectTestWire(url: string, options: WireOptions = {}): Promise<Wire> {
  const wire = await openTestWire(url, options);
  const answer = await wire.connect();
  if (!answer.ok) throw new Error(`refused: ${answer.message}`);
  return wire;
}
