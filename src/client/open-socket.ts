import { io, type Socket } from 'socket.io-client';
import { DEFAULT_PATH, splitUrl } from '../contract/server-url.ts';
import type { ConnectOptions } from './realtime-client.ts';

export const CONNECT_TIMEOUT_MS = 10_000;
export const RETRY_MS = 1_000;
export const RETRY_MAX_MS = 10_000;

/**
 * A socket of socket.io-client with our defaults, not connecting yet.
 *
 * @param onTokenFailed why there is no token for the connection that was just opened
 * @param namespace `/` where it is left out
 * @throws RtError `CONFIG_INVALID` for a `url` that is none
 */
export function openSocket(
  url: string,
  options: ConnectOptions,
  onTokenFailed: (cause: unknown) => void,
  namespace = '',
): Socket {
  const { token, headers, withCredentials = false, transports = ['websocket', 'polling'] } = options;
  const { origin, prefix } = splitUrl(url);
  let asked = 0;
  const socket = io(origin + namespace, {
    autoConnect: false,
    // One connection a client: a shared one would outlive its `close()`.
    forceNew: true,
    path: prefix + (options.path ?? DEFAULT_PATH),
    transports,
    tryAllTransports: true,
    reconnection: options.reconnection ?? true,
    reconnectionDelay: RETRY_MS,
    reconnectionDelayMax: RETRY_MAX_MS,
    timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    withCredentials,
    ...(headers !== undefined && { extraHeaders: headers }),
    ...(token !== undefined && {
      auth: (send: (auth: object) => void) => {
        const question = ++asked;
        const isLast = () => question === asked;
        Promise.resolve(typeof token === 'function' ? Promise.resolve().then(token) : token).then(
          (fresh) => void (isLast() && send({ token: fresh })),
          (cause) => void (isLast() && onTokenFailed(cause)),
        );
      },
    }),
  });
  // What is asked is for one connection. An answer after its end would be sent by the next one, beside that one's own.
  socket.io.on('close', () => {
    asked += 1;
  });
  return socket;
}

/** A URL for messages: no user and password, which are not sent either. */
export function showUrl(url: string): string {
  const { origin, prefix } = splitUrl(url);
  return origin + prefix;
}
