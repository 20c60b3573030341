import { DEFAULT_PATH } from '../contract/server-url.ts';
import type { WireOptions } from '../wire/wire-options.ts';

export interface ProbeOptions {
  url: string;
  origin?: string | undefined;
  token?: string | undefined;
  /** Default `/socket.io`. */
  path?: string | undefined;
  /** For each attempt. */
  timeoutMs: number;
  isInsecure?: boolean | undefined;
}

/** Where the attempts go. */
export interface Target {
  /** `http(s)://host:port`, credentials included: never shown. */
  base: string;
  /** Safe to show. */
  url: string;
  path: string;
  namespace: string;
  query: Readonly<Record<string, string>>;
  tls: WireOptions['tls'];
  timeoutMs: number;
  /** Hides in a text of the server whatever must not be shown. */
  redact(text: string): string;
}

/**
 * Reads a URL as socket.io-client does: its path is a namespace, its query is sent along. But a URL that ends in
 * `/socket.io`, as copied from a browser's tools, names the path.
 */
export function resolveTarget({ url, token, path, timeoutMs, isInsecure }: ProbeOptions): Target {
  const parsed = new URL(url.replace(/^ws/i, 'http'));
  const pathname = parsed.pathname.replace(/\/+$/, '');
  const isPath = pathname.endsWith(DEFAULT_PATH) || (path !== undefined && pathname === trim(path));
  const query = Object.fromEntries(parsed.searchParams);
  for (const name of isPath ? ['EIO', 'transport', 'sid', 't'] : []) delete query[name];
  return {
    base: `${parsed.protocol}//${toUserinfo(parsed)}${parsed.host}`,
    url: parsed.origin,
    path: path !== undefined ? trim(path) : isPath ? pathname : DEFAULT_PATH,
    namespace: isPath || pathname === '' ? '/' : pathname,
    query,
    tls: isInsecure ? { rejectUnauthorized: false } : undefined,
    timeoutMs,
    redact: createRedaction([token, parsed.password, ...['token', 'access_token', 'auth'].map((name) => query[name])]),
  };
}

const trim = (path: string) => `/${path.replace(/^\/+|\/+$/g, '')}`;

const toUserinfo = ({ username, password }: URL) =>
  username === '' && password === '' ? '' : `${username}:${password}@`;

/** A server may repeat what it was sent. */
function createRedaction(secrets: readonly (string | undefined)[]): (text: string) => string {
  const spellings = secrets.flatMap((secret) =>
    secret ? [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)] : [],
  );
  return (text) => spellings.reduce((redacted, secret) => redacted.replaceAll(secret, '[hidden]'), text);
}
