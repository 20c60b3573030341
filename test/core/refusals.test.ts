import { describe, expect, test } from 'vitest';
import type { RefusalInfo } from '../../src/contract/resources.ts';
import type { RealtimeServerOptions } from '../../src/index.ts';
import { RtError } from '../../src/index.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

interface Case {
  code: string;
  message: string;
  retry: boolean;
  options?: Partial<RealtimeServerOptions>;
  token?: (sign: Awaited<ReturnType<typeof startServer>>['token']) => string | undefined;
  query?: Record<string, string>;
  /** How many connections of the user there are before. */
  before?: number;
  more?: Record<string, unknown>;
  userId?: string;
}

const no = () => undefined;

const CASES: readonly Case[] = [
  { code: 'UNAUTHENTICATED', message: 'Authentication required', retry: false, token: no },
  {
    code: 'CREDENTIALS_IN_QUERY',
    message: 'Credentials must not be sent in the query string',
    retry: false,
    token: no,
    query: { token: 'x' },
  },
  {
    code: 'TOKEN_INVALID',
    message: 'Invalid token',
    retry: false,
    token: () => 'a.b.c',
    more: { reason: 'malformed' },
  },
  {
    code: 'TOKEN_EXPIRED',
    message: 'Token expired',
    retry: false,
    token: (sign) => sign('42', { claims: { exp: 1_000_000_000 } }),
    more: { expiredAt: 1_000_000_000_000 },
  },
  { code: 'SESSION_INVALID', message: 'Session not found or expired', retry: false, token: () => 'sess_x' },
  {
    code: 'MAX_CONNECTIONS_EXCEEDED',
    message: 'Max connections exceeded',
    retry: false,
    before: 3,
    more: { limit: 3, current: 3 },
    userId: '42',
  },
  {
    code: 'SERVER_AT_CAPACITY',
    message: 'Server is at capacity',
    retry: true,
    options: { limits: { connections: 1 } },
    before: 1,
  },
  {
    code: 'FORBIDDEN',
    message: 'Not allowed',
    retry: false,
    options: {
      authenticate: () => {
        throw new RtError('FORBIDDEN', { team: 'blue' });
      },
    },
    more: { team: 'blue' },
  },
];

describe.each(['websocket', 'polling'] as const)('over %s', (transport) => {
  test.each(CASES)('$code is told to the client, the log and the list by the same id', async (refused) => {
    const { code, message, retry, options = {}, before = 0, query, more = {}, userId } = refused;
    const { url, token, logs, request } = await startServer(options);
    for (let count = 0; count < before; count += 1) await connectClient(url, { token: token('42') });
    const credential = (refused.token ?? ((sign) => sign('42')))(token);
    const seen = await expectRefusal(url, {
      transports: [transport],
      ...(credential !== undefined && { token: credential }),
      ...(query !== undefined && { query }),
    });
    expect(seen.message).toBe(message);
    expect(seen.data).toEqual({ code, message, retry, correlationId: expect.any(String), ...more });

    const { correlationId } = seen.data;
    const line = await logs.next('connection.refused', { match: (each) => each['correlationId'] === correlationId });
    expect(line).toMatchObject({ level: 40, code, ...more, ...(userId !== undefined && { userId }) });
    const { items } = (await (await request('/api/refusals')).json()) as { items: RefusalInfo[] };
    expect(items[0]).toEqual({
      at: expect.any(Number),
      kind: 'refused',
      code,
      address: '127.0.0.1',
      correlationId,
      ...(userId !== undefined && { userId }),
    });
  });
});

/** The refusals that a raw client can have without a server of a special kind. */
const RAW = [
  ['websocket', 'UNAUTHENTICATED', {}],
  ['polling', 'UNAUTHENTICATED', {}],
  ['websocket', 'TOKEN_INVALID', { token: '..' }],
  ['polling', 'SESSION_INVALID', { token: 'sess_x' }],
] as const;

/** Protected in Engine.IO's types. */
interface EngineClients {
  clients: Record<string, { request: { socket: { readonly destroyed: boolean } } }>;
}

/** One second by the contract, and what a busy machine adds to a timer. */
const GONE_WITHIN_MS = 3_000;

describe('the transport of a refused client', () => {
  test.each(RAW)('is closed by the server, %s, %s', async (transport, code, auth) => {
    const { server, url } = await startServer();
    const wire = await openWire(url, { transport });
    expect(await wire.connect({ auth })).toMatchObject({ ok: false, code });
    expect(await wire.untilClosed({ timeoutMs: GONE_WITHIN_MS })).toMatchObject({ by: 'server' });
    await until(() => server.io.engine.clientsCount === 0, { withinMs: GONE_WITHIN_MS });
  });

  test.each(['websocket', 'polling'] as const)(
    'is closed also when the client does nothing more, %s',
    async (transport) => {
      const { server, url, logs } = await startServer();
      const wire = await openWire(url, { transport });
      const sockets = new Set<{ readonly destroyed: boolean }>();
      for (const client of Object.values((server.io.engine as unknown as EngineClients).clients)) {
        sockets.add(client.request.socket);
      }
      const asked = wire.connect({ auth: {} });
      asked.catch(() => {});
      await wire.flushed();
      wire.pause();
      await logs.next('connection.refused');
      await until(() => server.io.engine.clientsCount === 0, {
        withinMs: GONE_WITHIN_MS,
        what: 'its end in Engine.IO',
      });
      if (transport === 'websocket') {
        const gone = () => [...sockets].every(({ destroyed }) => destroyed);
        await until(gone, { withinMs: GONE_WITHIN_MS, what: 'the end of its TCP connection' });
      }
      wire.drop();
    },
  );
});

describe('a correlation id of the client', () => {
  test.each(['order-7', 'a.b:c_d-e', 'x'.repeat(128)])('is used: %s', async (id) => {
    const { url, token, logs } = await startServer();
    const headers = { 'X-Correlation-Id': id };
    expect((await expectRefusal(url, { extraHeaders: headers })).data.correlationId).toBe(id);
    expect(await logs.next('connection.refused')).toMatchObject({ correlationId: id });
    await connectClient(url, { token: token('42'), extraHeaders: headers });
    expect(await logs.next('connection.accepted')).toMatchObject({ correlationId: id });
  });

  test.each(['', 'with space', '<script>', 'x'.repeat(129), '{"a":1}', '../../etc', '%0d%0a'])(
    'is not used when it is hostile: %j',
    async (id) => {
      const { url } = await startServer();
      const { data } = await expectRefusal(url, { extraHeaders: { 'X-Correlation-Id': id } });
      expect(data.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  test('is a new one for each attempt without it', async () => {
    const { url } = await startServer();
    const ids = await Promise.all(
      Array.from({ length: 10 }, async () => (await expectRefusal(url)).data.correlationId),
    );
    expect(new Set(ids).size).toBe(10);
  });
});
