import type { EmitRequest, EmitResponse } from '../contract/emission.ts';
import { RtError } from '../contract/errors.ts';
import type { Claims } from '../contract/identity.ts';
import type { EventInfo, Page, RefusalInfo, RoomInfo, SocketInfo, UserInfo } from '../contract/resources.ts';
import { parseUrl } from '../contract/server-url.ts';
import { type HttpRequest, request } from './request.ts';

export interface AdminClientOptions {
  url: string;
  /** A token with the scope `admin`, or how to get one: asked for each request. */
  token: string | (() => string | Promise<string>);
  /** How long each request may take. Default 10 s. */
  timeoutMs?: number;
}

export interface PageQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ClosedResult {
  ok: true;
  closed: number;
  /** Nodes of a cluster that did not answer; `null` for all but one. */
  missingNodes?: number | null;
}

export interface EndedSessions extends ClosedResult {
  /** Sessions that ended. */
  revoked: number;
}

/** The HTTP API of an rtserver. Every method rejects with an `RtError`, or with what the function `token` threw. */
export interface AdminClient {
  /** A list of up to 1,000 gives a list of answers in the same order. */
  emit(emission: EmitRequest): Promise<EmitResponse>;
  emit(emissions: readonly EmitRequest[]): Promise<EmitResponse[]>;
  sockets(query?: PageQuery & { user?: string | undefined; room?: string | undefined }): Promise<Page<SocketInfo>>;
  rooms(query?: PageQuery & { prefix?: string | undefined }): Promise<Page<RoomInfo>>;
  users(query?: PageQuery): Promise<Page<UserInfo>>;
  refusals(query?: PageQuery): Promise<Page<RefusalInfo>>;
  stats(): Promise<Record<string, unknown>>;
  /** The events that the server has schemas for. */
  events(): Promise<Page<EventInfo>>;
  kick(whom: { socketId: string } | { userId: string }): Promise<ClosedResult>;
  createSession(session: {
    userId: string;
    ttlSeconds?: number;
    claims?: Claims;
  }): Promise<{ token: string; expiresAt: number }>;
  revokeSession(which: { token: string } | { userId: string }): Promise<EndedSessions>;
  revokeToken(which: { jti: string; expiresAt?: number } | { userId: string }): Promise<ClosedResult>;
}

const TIMEOUT_MS = 10_000;
const ACK_TIMEOUT_MS = 5_000;

/**
 * For back ends and commands: emits, looks and acts through the HTTP API.
 *
 * @throws RtError `CONFIG_INVALID` for a `url` that is none, or holds a password
 */
export function createAdminClient({ url, token, timeoutMs = TIMEOUT_MS }: AdminClientOptions): AdminClient {
  const base = toBase(url);

  async function send<Result>(
    method: HttpRequest['method'],
    path: string,
    { body, query = {}, extraMs = 0 }: { body?: unknown; query?: object; extraMs?: number } = {},
  ): Promise<Result> {
    const target = new URL(`api/${path}`, base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const bearer = typeof token === 'function' ? await token() : token;
    return request({ method, url: target, token: bearer, body, timeoutMs: timeoutMs + extraMs });
  }

  return {
    emit: (emissions: EmitRequest | readonly EmitRequest[]) =>
      // biome-ignore lint/suspicious/noExplicitAny: one body for both overloads of the interface
      send<any>('POST', 'emit', { body: emissions, extraMs: longestWait(emissions) }),
    sockets: (query) => send('GET', 'sockets', { ...(query && { query }) }),
    rooms: (query) => send('GET', 'rooms', { ...(query && { query }) }),
    users: (query) => send('GET', 'users', { ...(query && { query }) }),
    refusals: (query) => send('GET', 'refusals', { ...(query && { query }) }),
    stats: () => send('GET', 'stats'),
    events: () => send('GET', 'events'),
    kick: (whom) =>
      'socketId' in whom
        ? send('DELETE', `sockets/${encodeURIComponent(whom.socketId)}`)
        : send('DELETE', `users/${encodeURIComponent(whom.userId)}/sockets`),
    createSession: (session) => send('POST', 'sessions', { body: session }),
    revokeSession: (body) => send('POST', 'sessions/revoke', { body }),
    revokeToken: (body) => send('POST', 'tokens/revoke', { body }),
  };
}

function toBase(url: string): URL {
  const base = parseUrl(url);
  base.pathname = base.pathname.replace(/\/*$/, '/');
  if (base.username === '' && base.password === '') return base;
  const reason = 'url must hold no user and password: the server knows tokens only';
  throw new RtError('CONFIG_INVALID', { key: 'url', reason });
}

/** The server answers when the acknowledgements are in, so a request may take that much longer. */
function longestWait(emissions: EmitRequest | readonly EmitRequest[]): number {
  const list: readonly EmitRequest[] = Array.isArray(emissions) ? emissions : [emissions as EmitRequest];
  return Math.max(0, ...list.map(({ ack }) => (ack === undefined ? 0 : (ack.timeoutMs ?? ACK_TIMEOUT_MS))));
}
