import type { Socket } from 'socket.io-client';
import type { Closing } from '../contract/closings.ts';
import { RtError } from '../contract/errors.ts';
import type { Ready } from '../contract/events.ts';
import { fromConnectError } from './connect-error.ts';
import { CONNECT_TIMEOUT_MS, openSocket, RETRY_MAX_MS, RETRY_MS, showUrl } from './open-socket.ts';
import type { ConnectOptions } from './realtime-client.ts';
import { createRequests, type Requests } from './requests.ts';
import { toRtError } from './to-rt-error.ts';

const ACK_TIMEOUT_MS = 5_000;

/** A socket that is kept connected, its heart beating, until it has ended for good. */
export interface Connection {
  readonly socket: Socket;
  readonly requests: Requests;
  /** The first `ready`, or why there is none. */
  readonly ready: Promise<Ready>;
  /** Resolves at the end, to its reason. */
  readonly closed: Promise<RtError | undefined>;
  /** Takes the place of a token that was given as a text, for the connections to come. */
  replaceToken(token: string): void;
  /** Ends it for good. Safe twice. */
  close(): void;
}

/** Connects, and comes back after a lost connection and after a refusal or closing that allows it. */
export function openConnection(url: string, options: ConnectOptions): Connection {
  const { reconnection = true, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  let { token } = options;
  const socket = openSocket(
    url,
    { ...options, ...(typeof token === 'string' && { token: () => token as string }) },
    (cause) => {
      // Without a token there is nothing to say on this connection; it would stay open, and look like one under way.
      socket.disconnect();
      // On the way back it may be the network that is still down: the next attempt asks for a token again.
      fail(toTokenError(cause, wasReady));
    },
  );
  const ready = createDeferred<Ready>();
  const closed = createDeferred<RtError | undefined>();
  const requests = createRequests(socket, options.ackTimeoutMs ?? ACK_TIMEOUT_MS);
  // Whoever only listens to events need not handle the promise as well.
  ready.promise.catch(() => {});

  let closing: Closing | undefined;
  let attempts = 0;
  let wasReady = false;
  let isEnded = false;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let readyTimer: ReturnType<typeof setTimeout> | undefined;

  function end(reason: RtError | undefined): void {
    isEnded = true;
    clearInterval(heartbeat);
    clearTimeout(retryTimer);
    clearTimeout(readyTimer);
    requests.close();
    ready.reject(reason ?? new RtError('SERVER_UNREACHABLE', { reason: 'the client was closed' }));
    closed.resolve(reason);
    socket.disconnect();
  }

  /** One attempt came to nothing. */
  function fail(error: RtError): void {
    if (isEnded) return;
    clearTimeout(readyTimer);
    ready.reject(error);
    if (!reconnection || !error.retry) end(error);
    // Socket.IO retries a transport by itself, but nothing that the server said no to.
    else if (!socket.active) retryLater();
  }

  function retryLater(): void {
    const delay = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** attempts++);
    clearTimeout(retryTimer);
    // Spread, so that the clients of a restarted server do not all come back in the same moment.
    retryTimer = setTimeout(() => socket.connect(), delay * (0.5 + Math.random() / 2));
  }

  socket.io.on('open', () => {
    clearTimeout(readyTimer);
    readyTimer = setTimeout(() => {
      const reason = `${showUrl(url)} took the connection, but sent no "ready" within ${connectTimeoutMs} ms: not an rtserver`;
      socket.disconnect();
      fail(new RtError('SERVER_UNREACHABLE', { reason }));
    }, connectTimeoutMs);
  });
  socket.on('ready', (payload: Ready) => {
    wasReady = true;
    clearTimeout(readyTimer);
    closing = undefined;
    attempts = 0;
    if (options.heartbeatMs !== false) {
      const period = options.heartbeatMs ?? Math.max(1, Math.floor(payload.heartbeatTimeoutMs / 3));
      clearInterval(heartbeat);
      // A lost heartbeat needs no handling: the connection it was lost with is noticed by Socket.IO.
      heartbeat = setInterval(() => void requests.send('ping', {}).catch(() => {}), period);
    }
    ready.resolve(payload);
  });
  socket.on('closing', (payload: Closing) => {
    closing = payload;
  });
  socket.on('connect_error', (error) => fail(fromConnectError(error, socket, showUrl(url))));
  socket.on('disconnect', (reason) => {
    clearInterval(heartbeat);
    clearTimeout(readyTimer);
    if (reason === 'io client disconnect') return;
    if (!reconnection || !mayReturn(closing, reason, options)) return end(whyClosed(closing, reason));
    if (!socket.active) retryLater();
  });

  socket.connect();

  return {
    socket,
    requests,
    ready: ready.promise,
    closed: closed.promise,
    replaceToken(fresh) {
      if (typeof token === 'string') token = fresh;
    },
    close: () => end(undefined),
  };
}

/** An expired token is no hindrance to a client that can get a new one. */
function mayReturn(closing: Closing | undefined, reason: string, { token }: ConnectOptions): boolean {
  if (closing === undefined) return reason !== 'io server disconnect';
  return closing.retry || (closing.code === 'TOKEN_EXPIRED' && typeof token === 'function');
}

function whyClosed(closing: Closing | undefined, reason: string): RtError {
  if (closing !== undefined) return toRtError({ ...closing });
  return reason === 'io server disconnect'
    ? new RtError('KICKED', { reason: 'the server disconnected without a word' })
    : new RtError('SERVER_UNREACHABLE', { reason: `the connection was lost (${reason})` });
}

/** An application's own `RtError` says itself whether to come back; anything else ends only a first attempt. */
function toTokenError(cause: unknown, wasReady: boolean): RtError {
  if (cause instanceof RtError) return cause;
  const reason = `the token function failed: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new RtError(wasReady ? 'SERVER_UNREACHABLE' : 'UNAUTHENTICATED', { reason }, { cause });
}

function createDeferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: RtError) => void = () => {};
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
