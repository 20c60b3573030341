import jwt from 'jsonwebtoken';
import { onTestFinished } from 'vitest';
import {
  createRealtimeServer,
  type EventSchemas,
  type RealtimeServer,
  type RealtimeServerOptions,
} from '../../src/index.ts';
import { LogLines } from './log-lines.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';

export interface TokenOptions {
  claims?: Record<string, unknown>;
  /** Default one hour; negative for a token that has expired. */
  expiresInMs?: number;
  secret?: string;
}

export interface StartedServer<Schemas extends EventSchemas> {
  server: RealtimeServer<Schemas>;
  url: string;
  secret: string;
  logs: LogLines;
  token(userId: string, options?: TokenOptions): string;
  adminToken: string;
  /** `fetch` against the HTTP API as an administrator; a body is sent as JSON. */
  request(path: string, options?: { method?: string; body?: unknown; token?: string }): Promise<Response>;
}

/**
 * A server in this process on a free port, closed with the test. Nothing is printed: every log line, debug too, is in
 * `logs`. One at a time: `createRealtimeServer` refuses a second one.
 */
export async function startServer<const Schemas extends EventSchemas = EventSchemas>(
  options: Partial<RealtimeServerOptions<Schemas>> = {},
): Promise<StartedServer<Schemas>> {
  const logs = new LogLines(options.log?.level);
  const ownAuth = options.auth?.publicKey === undefined ? { secret: SECRET } : {};
  const server = await createRealtimeServer<Schemas>({
    ...(options.server === undefined && { port: 0 }),
    ...options,
    // A test that closes a server with clients on it does not wait for a spread that exists for thousands of them.
    shutdown: { spread: 0, ...options.shutdown },
    logger: options.logger ?? logs.logger,
    // So that all tests can be run on either way of delivery.
    fastPath: options.fastPath ?? process.env['RTSERVER_FAST_PATH'] !== '0',
    auth: { ...ownAuth, ...options.auth },
  } as RealtimeServerOptions<Schemas>);
  onTestFinished(() => server.close());
  const secret = options.auth?.secret ?? SECRET;
  const token = (userId: string, tokenOptions: TokenOptions = {}) => signToken(userId, { secret, ...tokenOptions });
  const adminToken = token('admin', { claims: { scope: 'admin' } });
  return {
    server,
    url: server.url,
    secret,
    logs,
    token,
    adminToken,
    request: (path, { method, body, token: bearer = adminToken } = {}) =>
      fetch(new URL(path, server.url), {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
}

/** Signed with jsonwebtoken itself rather than by our own `mintToken`, so that the two check each other. */
function signToken(
  userId: string,
  { claims = {}, expiresInMs = 3_600_000, secret = SECRET }: TokenOptions = {},
): string {
  const iat = Date.now() / 1_000;
  return jwt.sign({ iat, exp: Math.floor(iat + expiresInMs / 1_000), ...claims, sub: userId }, secret);
}
