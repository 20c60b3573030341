import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOriginCheck, defaultOrigins } from '../../src/core/origin.ts';
import { WireError } from '../../src/wire/errors.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectClient } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const TRANSPORTS = ['websocket', 'polling'] as const;
type TransportName = (typeof TRANSPORTS)[number];

/** What the server answers to the first request of a transport; `undefined` where it lets the origin in. */
async function refusalOf(url: string, transport: TransportName, headers: Record<string, string>) {
  try {
    const wire = await openWire(url, { transport, headers });
    await wire.close();
    return undefined;
  } catch (error) {
    if (error instanceof WireError && error.kind === 'http') return error;
    throw error;
  }
}

const RULES: readonly [origins: string[], allowed: string[], refused: string[]][] = [
  [
    ['https://app.example'],
    ['https://app.example', 'https://app.example:443', 'HTTPS://App.Example'],
    [
      'http://app.example',
      'https://app.example:8443',
      'https://app.example.evil.com',
      'https://app.example:443.evil.com',
      'https://evil.com/https://app.example',
      'https://evil.com?https://app.example',
      'https://evilapp.example',
      'https://sub.app.example',
      'https://appxexample',
      'https://app.example@evil.com',
      'https://app.example/',
      'https://app.example ',
      'wss://app.example',
      'null',
      'app.example',
      'https://',
    ],
  ],
  [
    ['https://*.app.example'],
    ['https://a.app.example', 'https://a.b.app.example', 'https://a-1.app.example:443'],
    [
      'https://app.example',
      'https://.app.example',
      'https://evilapp.example',
      'https://a.app.example.evil.com',
      'https://evil.com/.app.example',
      'https://evil.com#.app.example',
      'https://evil.com:1@x.app.example',
      'http://a.app.example',
      'https://a.app.example:8443',
      'null',
    ],
  ],
  [
    ['http://app.example'],
    ['http://app.example', 'http://app.example:80'],
    ['http://app.example:443', 'https://app.example'],
  ],
  [['https://app.example:8443'], ['https://app.example:8443'], ['https://app.example', 'https://app.example:84430']],
  [
    ['http://localhost:*'],
    ['http://localhost:5173', 'http://localhost'],
    ['http://localhost.evil.com:1', 'https://localhost:1'],
  ],
  [['http://[::1]:3000'], ['http://[::1]:3000'], ['http://[::1]:3001', 'http://[::2]:3000']],
  [['*'], ['https://anything.example', 'http://localhost:1'], ['null']],
  [[], [], ['https://app.example', 'http://localhost', 'null']],
];

describe.each(RULES)('with the origins %j', (origins, allowed, refused) => {
  const mayConnectFrom = createOriginCheck({ origins, requireOrigin: false });

  test('lets in exactly what they say', () => {
    expect([...allowed, ...refused].filter(mayConnectFrom)).toEqual(allowed);
    expect(mayConnectFrom(undefined)).toBe(true);
  });
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  test('refuses other origins with 403 and says why', async () => {
    const { url, logs, request } = await startServer({ cors: { origins: ['https://app.example'] } });
    for (const origin of ['https://app.example.evil.com', 'http://app.example', 'null', 'https://app.example:8443']) {
      const refusal = await refusalOf(url, transport, { origin });
      expect(refusal?.status, origin).toBe(403);
      expect(refusal?.json).toEqual({
        code: 'ORIGIN_NOT_ALLOWED',
        message: 'Origin not allowed',
        origin,
        correlationId: expect.any(String),
      });
      expect(refusal?.headers?.['access-control-allow-origin']).toBeUndefined();
      const correlationId = refusal?.json?.['correlationId'];
      await logs.next('connection.refused', {
        match: (line) => line['correlationId'] === correlationId && line['code'] === 'ORIGIN_NOT_ALLOWED',
      });
      const { items } = (await (await request('/api/refusals')).json()) as { items: object[] };
      expect(items[0]).toMatchObject({ kind: 'refused', code: 'ORIGIN_NOT_ALLOWED', origin, correlationId });
    }
  });

  test('uses the correlation id of the client', async () => {
    const { url } = await startServer({ cors: { origins: [] } });
    const headers = { origin: 'https://evil.example', 'x-correlation-id': 'page-7' };
    expect((await refusalOf(url, transport, headers))?.json).toMatchObject({ correlationId: 'page-7' });
  });

  test('is decided before the credentials', async () => {
    const { url, token } = await startServer({ cors: { origins: ['https://app.example'] } });
    const headers = { origin: 'https://evil.example', authorization: `Bearer ${token('42')}` };
    expect((await refusalOf(url, transport, headers))?.status).toBe(403);
  });

  test('lets in the right origin and clients without one, with a valid token', async () => {
    const { url, token } = await startServer({ cors: { origins: ['https://app.example'] } });
    const options = { token: token('42'), transports: [transport] };
    await connectClient(url, { ...options, extraHeaders: { origin: 'https://app.example' } });
    await connectClient(url, options);
  });

  test('refuses clients without an origin where cors.requireOrigin says so', async () => {
    const { url } = await startServer({ cors: { origins: ['https://app.example'], requireOrigin: true } });
    const refusal = await refusalOf(url, transport, {});
    expect(refusal?.status).toBe(403);
    expect(refusal?.json).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED', origin: null });
    expect(await refusalOf(url, transport, { origin: 'https://app.example' })).toBeUndefined();
  });

  test('lets in pages of this machine where nothing is configured, on loopback', async () => {
    const { url } = await startServer();
    for (const origin of [url, 'http://localhost:5173', 'https://127.0.0.1:1']) {
      expect(await refusalOf(url, transport, { origin }), origin).toBeUndefined();
    }
    for (const origin of ['https://app.example', 'http://localhost.evil.com', 'http://127.0.0.1.evil.com', 'null']) {
      expect((await refusalOf(url, transport, { origin }))?.status, origin).toBe(403);
    }
  });
});

test.each(['Upgrade: websocket\r\nConnection: Upgrade', 'Connection: keep-alive'])(
  'a refused client that does not close its side is closed all the same (%s)',
  async (headers) => {
    const { server, url } = await startServer({ cors: { origins: [] } });
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    socket.resume().on('error', () => {});
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nOrigin: https://x.example\r\n${headers}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await once(socket, 'end');
    const open = () => new Promise<number>((resolve) => server.http.getConnections((_error, count) => resolve(count)));
    await until(async () => (await open()) === 0, { withinMs: 4_000, what: 'the end of its TCP connection' });
  },
);

test('no page is allowed where nothing is configured, beyond loopback', () => {
  expect(defaultOrigins('0.0.0.0')).toEqual([]);
});

describe('a preflight', () => {
  const preflight = (url: string, origin: string) =>
    fetch(new URL('/socket.io/?EIO=4&transport=polling', url), {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });

  test('is answered for the right origin, credentials included', async () => {
    const { url } = await startServer({ cors: { origins: ['https://*.app.example'] } });
    const { ok, headers } = await preflight(url, 'https://a.app.example');
    expect(ok).toBe(true);
    expect(headers.get('access-control-allow-origin')).toBe('https://a.app.example');
    expect(headers.get('access-control-allow-credentials')).toBe('true');
  });

  test('is refused for another', async () => {
    const { url } = await startServer({ cors: { origins: ['https://*.app.example'] } });
    const { status, headers } = await preflight(url, 'https://app.example');
    expect(status).toBe(403);
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
