import { RtError } from '../contract/errors.ts';

/** The parts of a Socket.IO handshake that may carry credentials. */
export interface HandshakeSource {
  /** Payload of the CONNECT packet: whatever the client sent. */
  auth: unknown;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  query: Readonly<Record<string, unknown>>;
}

export type Credentials = { kind: 'jwt'; token: string } | { kind: 'session'; token: string };

const SESSION_COOKIE = 'rtserver.sid';

/** Query parameters that people put tokens in. URLs end up in logs and histories, so they are refused by name. */
const QUERY_CREDENTIALS = ['token', 'access_token', 'auth'];

/**
 * Finds the credentials of a handshake: `auth.token`, then `Authorization: Bearer`, then the session cookie. The first
 * that is there wins, even when it turns out to be worthless: a client that sends two would otherwise get in as somebody
 * else than it said.
 *
 * @throws RtError `CREDENTIALS_IN_QUERY` or `UNAUTHENTICATED`
 */
export function findCredentials(source: HandshakeSource): Credentials {
  if (QUERY_CREDENTIALS.some((name) => name in source.query)) throw new RtError('CREDENTIALS_IN_QUERY');
  return classifyToken(readAuthToken(source.auth) ?? readBearer(source.headers) ?? readCookie(source.headers));
}

/** A value with two dots is a JWT, anything else a session token. */
export function classifyToken(token: unknown): Credentials {
  if (typeof token !== 'string' || token === '') throw new RtError('UNAUTHENTICATED');
  return token.split('.', 4).length === 3 ? { kind: 'jwt', token } : { kind: 'session', token };
}

/** What stands behind `Bearer` in an `Authorization` header (RFC 6750), be it empty or no token at all; `undefined` without one. */
export function readBearer(headers: HandshakeSource['headers']): string | undefined {
  const value = headers['authorization'];
  if (typeof value !== 'string') return undefined;
  return /^bearer(?: |$)/i.test(value) ? value.slice('bearer'.length).trim() : undefined;
}

function readAuthToken(auth: unknown): unknown {
  if (typeof auth !== 'object' || auth === null || !Object.hasOwn(auth, 'token')) return undefined;
  // `null` is an answer, and the wrong one: it must not fall through to the cookie.
  const token = (auth as { token: unknown }).token;
  return token === undefined ? undefined : (token ?? '');
}

function readCookie(headers: HandshakeSource['headers']): string | undefined {
  const header = headers['cookie'];
  if (typeof header !== 'string') return undefined;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === SESSION_COOKIE) return decodeCookie(pair.slice(at + 1).trim());
  }
  return undefined;
}

function decodeCookie(value: string): string {
  const bare = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}
