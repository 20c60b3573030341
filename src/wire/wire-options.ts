import type { SecureContextOptions } from 'node:tls';
import { DEFAULT_PATH } from '../contract/server-url.ts';
import type { TransportName } from './transport.ts';

/** What to do on the transport's heartbeat: answer at once, never, or late. */
export type PongMode = 'auto' | 'never' | { readonly delayMs: number };

export interface TlsOptions extends Pick<SecureContextOptions, 'ca'> {
  rejectUnauthorized?: boolean | undefined;
  servername?: string | undefined;
}

export interface WireOptions {
  /** Default `websocket`. */
  transport?: TransportName | undefined;
  /** Default `/socket.io`. */
  path?: string | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** The `Origin` header; none by default, as from a client that is no browser. */
  origin?: string | undefined;
  /** Added to the query; also replaces `EIO` and `transport`, to claim another protocol. */
  query?: Readonly<Record<string, string>> | undefined;
  /** Default `auto`. */
  pong?: PongMode | undefined;
  tls?: TlsOptions | undefined;
  /** The address to connect from: other loopback addresses count as other clients. */
  localAddress?: string | undefined;
  /** For the handshake, and for the upgrade after it; default 5 s. */
  timeoutMs?: number | undefined;
  /** How many received events are kept to look back at; 0 keeps none. Default 1,000. */
  record?: number | undefined;
}

interface Place {
  url: string;
  path: string;
  transport: TransportName;
  endpoint: URL;
}

/** Where the last one went: thousands of sockets in a row go to one place, and a URL costs as much as a frame. */
let lastPlace: Place | undefined;

/** Where a transport connects to, not to be changed. A path in `url` is left out: in Socket.IO it names a namespace. */
export function resolveEndpoint(url: string, options: WireOptions, transport: TransportName, sid?: string): URL {
  const { path = DEFAULT_PATH, query } = options;
  if (lastPlace?.url !== url || lastPlace.path !== path || lastPlace.transport !== transport) {
    lastPlace = { url, path, transport, endpoint: createEndpoint(url, path, transport) };
  }
  if (sid === undefined && query === undefined) return lastPlace.endpoint;
  const endpoint = new URL(lastPlace.endpoint);
  if (sid !== undefined) endpoint.searchParams.set('sid', sid);
  for (const [name, value] of Object.entries(query ?? {})) endpoint.searchParams.set(name, value);
  return endpoint;
}

function createEndpoint(url: string, path: string, transport: TransportName): URL {
  const endpoint = new URL(`${path.replace(/\/$/, '')}/`, url);
  endpoint.hash = '';
  const isSecure = endpoint.protocol === 'https:' || endpoint.protocol === 'wss:';
  const scheme = transport === 'websocket' ? 'ws' : 'http';
  endpoint.protocol = isSecure ? `${scheme}s:` : `${scheme}:`;
  endpoint.searchParams.set('EIO', '4');
  endpoint.searchParams.set('transport', transport);
  return endpoint;
}
