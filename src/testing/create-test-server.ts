import { randomBytes } from 'node:crypto';
import { connect } from '../client/connect.ts';
import type { ConnectOptions, RealtimeClient } from '../client/realtime-client.ts';
import { RtError } from '../contract/errors.ts';
import type { EventSchemas, RegisteredEvents } from '../contract/events.ts';
import { createRealtimeServer } from '../create-server.ts';
import type { RealtimeServerOptions } from '../options.ts';
import type { RealtimeServer } from '../realtime-server.ts';
import { recordEvents } from './next-event.ts';
import { createTokenMaker, type TestTokenOptions } from './test-tokens.ts';

export type TestServerOptions<Schemas extends EventSchemas = EventSchemas> = Partial<RealtimeServerOptions<Schemas>> & {
  /**
   * Where the test framework takes what is to be done after the test: `onTestFinished` of vitest, `(close) => t.after(close)`
   * of node:test. The server and its clients are closed then.
   */
  closeAfter?: (close: () => Promise<void>) => unknown;
};

/** How to connect: the options of `connect`, and what to put into the token. */
export type ConnectAsOptions = ConnectOptions & TestTokenOptions;

/** A real server on a free port, with clients of any user. */
export interface TestServer<Schemas extends EventSchemas = EventSchemas> extends AsyncDisposable {
  readonly url: string;
  /** The server itself, with its emitter. */
  readonly server: RealtimeServer<Schemas>;
  /** A token that the server takes. */
  token(userId: string, options?: TestTokenOptions): string;
  /**
   * A connected client of this user, `ready` behind it. Rejects with an `RtError` whose `code` says why it was refused. It does
   * not reconnect unless asked to, so that a test sees a connection end.
   */
  connectAs(userId: string, options?: ConnectAsOptions): Promise<RealtimeClient<Schemas>>;
  /** Closes the clients and the server. Safe twice. */
  close(): Promise<void>;
}

/**
 * Starts a server for a test: on a free loopback port, with a secret of its own, silent, state in memory. One at a time, as
 * everywhere: a process has one realtime server.
 *
 * ```ts
 * const { connectAs, server } = await createTestServer({ modules: [chat], closeAfter: onTestFinished });
 * const socket = await connectAs('42');
 * server.emitter.emit('chat:message', message, { users: ['42'] });
 * expect(await nextEvent(socket, 'chat:message')).toEqual(message);
 * ```
 *
 * Without `closeAfter`: `await using server = await createTestServer()`, or `close()`.
 */
export async function createTestServer<const Schemas extends EventSchemas = RegisteredEvents>({
  closeAfter,
  ...options
}: TestServerOptions<Schemas> = {}): Promise<TestServer<Schemas>> {
  const { publicKey, jwksUri } = options.auth ?? {};
  const isSecretOurs = publicKey === undefined && jwksUri === undefined;
  const secret = options.auth?.secret ?? (isSecretOurs ? randomBytes(32).toString('base64url') : undefined);
  const auth = { ...options.auth, ...(secret !== undefined && { secret }) };
  const makeToken = secret === undefined ? undefined : createTokenMaker({ ...auth, secret });
  const server = await createRealtimeServer<Schemas>({
    ...(options.server === undefined && { port: 0 }),
    ...options,
    // Nobody has to be let go gently.
    shutdown: { spread: 0, ...options.shutdown },
    log: { level: 'silent', ...options.log },
    auth,
  } as RealtimeServerOptions<Schemas>).catch(explainRunning);
  const clients = new Set<RealtimeClient<Schemas>>();

  function token(userId: string, tokenOptions?: TestTokenOptions): string {
    if (makeToken !== undefined) return makeToken(userId, tokenOptions);
    throw new RtError('CONFIG_INVALID', { reason: 'a server with a public key or a JWK Set: pass `token` yourself' });
  }

  async function connectAs(
    userId: string,
    { claims, expiresInMs, ...connectOptions }: ConnectAsOptions = {},
  ): Promise<RealtimeClient<Schemas>> {
    const client = connect<Schemas>(server.url, {
      reconnection: false,
      path: server.settings.path,
      ...connectOptions,
      token:
        connectOptions.token ??
        token(userId, { ...(claims !== undefined && { claims }), ...(expiresInMs !== undefined && { expiresInMs }) }),
    });
    clients.add(client);
    recordEvents(client.socket);
    await client.ready;
    return client;
  }

  async function close(): Promise<void> {
    for (const client of clients) client.close();
    await server.close();
  }

  closeAfter?.(close);
  return { url: server.url, server, token, connectAs, close, [Symbol.asyncDispose]: close };
}

/** The advice of the library is to close what this test may not have. */
function explainRunning(error: unknown): never {
  if (!(error instanceof RtError && error.code === 'SERVER_ALREADY_RUNNING')) throw error;
  const reason =
    "close the one that runs: of an earlier createTestServer() by `closeAfter` or its close(), or the application's own";
  throw new RtError('SERVER_ALREADY_RUNNING', { reason }, { cause: error });
}
