import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { formatUrl } from '../contract/server-url.ts';
import { toListenError } from './listen-error.ts';
import { readTlsPair, reloadOnChange, type TlsFiles } from './tls.ts';

type Handle = (request: IncomingMessage, response: ServerResponse, otherwise?: () => void) => void;

// biome-ignore lint/suspicious/noExplicitAny: listeners of events with different arguments are moved, never called
type Listener = (...args: any[]) => void;

const listenersOf = (server: Server) => ({
  request: server.listeners('request') as RequestListener[],
  upgrade: server.listeners('upgrade') as Listener[],
});

/** The HTTP server that everything hangs on: an own one, or one of the application's that is only borrowed. */
export interface HttpHost {
  readonly server: Server;
  /**
   * Puts our handling in front of what the application serves itself.
   *
   * @param attach hangs Socket.IO on the server, in front of both
   */
  serve(handle: Handle, attach: (server: Server) => void): void;
  /**
   * Opens the port; does nothing for a borrowed server, whose owner listens with it.
   *
   * @throws RtError `ADDRESS_IN_USE` or `CONFIG_INVALID`
   */
  listen(port: number, host: string): Promise<void>;
  /** Told when the port is open: now, or when the owner of a borrowed server has opened it. */
  onceListening(tell: () => void): void;
  /** `http(s)://host:port` as clients would write it, with the real port once it is open. */
  url(host: string, port: number): string;
  /** Frees the port, or gives a borrowed server back as it was. Requests under way get `timeoutMs` to end. */
  close(timeoutMs: number): Promise<void>;
}

/** What an application brings: its own server to borrow, and what it serves beside our routes. */
export interface HttpSource {
  server?: Server;
  app?: RequestListener;
  /** What there is instead of a port. */
  door?: Door | undefined;
}

/** Where connections come from in a process that has no port of its own. */
export interface Door {
  /** Lets them in to a server. */
  open(server: Server): Promise<void>;
  /** No more from now on. */
  close(): void;
}

/** From its first byte to its last: nobody may hold a connection by sending a body slowly. */
const REQUEST_MS = 60_000;
const CHECK_EVERY_MS = 1_000;

/**
 * @param tls files of a certificate and its key; without them plain HTTP
 * @param requestStartMs how long a TCP connection may take to the end of its TLS handshake, and of a request's headers
 * @param onTlsReload told when a renewed certificate was taken up, or why not
 * @throws RtError `CONFIG_INVALID`
 */
export async function createHttpHost(
  { server: borrowed, app, door }: HttpSource,
  tls: TlsFiles | undefined,
  requestStartMs: number,
  onTlsReload: (error?: unknown) => void,
): Promise<HttpHost> {
  const patience = {
    headersTimeout: requestStartMs,
    requestTimeout: Math.max(REQUEST_MS, requestStartMs),
    connectionsCheckingInterval: CHECK_EVERY_MS,
  };
  const secure =
    borrowed === undefined && tls !== undefined
      ? createTlsServer({ ...(await readTlsPair(tls)), ...patience, handshakeTimeout: requestStartMs })
      : undefined;
  const server = borrowed ?? secure ?? createServer(patience);
  let reloading: ReturnType<typeof reloadOnChange> | undefined;
  const tracked = borrowed === undefined ? trackSockets(server) : undefined;
  const before = listenersOf(server);
  const others = app === undefined ? before.request : [...before.request, app];
  let forgetWait = () => {};
  let ours = { request: [] as Listener[], upgrade: [] as Listener[] };

  /** Gives the borrowed server back: without our listeners, with those from before and any that came meanwhile. */
  function restore(): void {
    for (const event of ['request', 'upgrade'] as const) {
      const meanwhile = server.listeners(event).filter((each) => !ours[event].includes(each as Listener)) as Listener[];
      server.removeAllListeners(event);
      for (const listener of new Set([...before[event], ...meanwhile])) server.on(event, listener);
    }
  }

  return {
    server,

    serve(handle, attach) {
      server.removeAllListeners('request');
      server.on('request', (request, response) => {
        const otherwise = () => {
          for (const listener of others) listener.call(server, request, response);
        };
        handle(request, response, others.length === 0 ? undefined : otherwise);
      });
      attach(server);
      // Without a listener Node hands upgrades on as plain requests, which engine.io answers: polling only.
      if (borrowed === undefined && server.listenerCount('upgrade') > 0) server.on('upgrade', dropUnanswered);
      const now = listenersOf(server);
      ours = { request: now.request, upgrade: now.upgrade.filter((each) => !before.upgrade.includes(each)) };
    },

    async listen(port, host) {
      if (borrowed !== undefined) return;
      if (secure !== undefined && tls !== undefined) reloading = reloadOnChange(secure, tls, onTlsReload);
      if (door !== undefined) return door.open(server);
      await new Promise<void>((resolve, reject) => {
        const onError = (cause: NodeJS.ErrnoException) => reject(toListenError(cause, host, port));
        server.once('error', onError);
        server.listen(port, host.replace(/^\[|\]$/g, ''), () => {
          server.off('error', onError);
          resolve();
        });
      });
    },

    onceListening(tell) {
      if (borrowed === undefined || borrowed.listening) tell();
      else borrowed.once('listening', tell);
      forgetWait = () => void server.off('listening', tell);
    },

    url(host, port) {
      const address = server.address() as AddressInfo | string | null;
      const real = typeof address === 'object' && address !== null ? address.port : port;
      return formatUrl(server instanceof TlsServer ? 'https' : 'http', host, real);
    },

    async close(timeoutMs) {
      reloading?.close();
      if (borrowed !== undefined) {
        forgetWait();
        restore();
        return;
      }
      const force = setTimeout(() => tracked?.destroyAll(), timeoutMs);
      door?.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      // Those that came in by a door are not the server's own.
      await tracked?.allClosed();
      clearTimeout(force);
    },
  };
}

/** How long a handler that the application added for another path may take to answer an upgrade. */
const UPGRADE_MS = 1_000;

/**
 * engine.io only closes its own side of an upgrade that nobody answers: a client that keeps its side would stay. Nor does
 * anybody listen to the errors of such a socket, which would end the process.
 */
function dropUnanswered(_request: IncomingMessage, socket: Duplex & { bytesWritten?: number }): void {
  const before = socket.bytesWritten;
  socket.on('error', () => {});
  setTimeout(() => {
    if (socket.bytesWritten === before) socket.destroy();
  }, UPGRADE_MS).unref();
}

/** Every TCP connection, the upgraded ones too, which `closeAllConnections` does not know. */
function trackSockets(server: Server): { allClosed(): Promise<void>; destroyAll(): void } {
  const sockets = new Set<Socket>();
  let onClosed = () => {};
  /** Shared by all of them, each of which is its `this`. */
  function forget(this: Socket): void {
    sockets.delete(this);
    if (sockets.size === 0) onClosed();
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', forget);
  });
  return {
    allClosed: () =>
      new Promise((resolve) => {
        onClosed = resolve;
        if (sockets.size === 0) resolve();
      }),
    destroyAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
