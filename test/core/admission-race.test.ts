import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { RealtimeServerOptions } from '../../src/index.ts';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

type Started = Awaited<ReturnType<typeof startServer>>;

/** Runs all attempts at once; who is in stays in until the end of the test. */
async function race(count: number, attempt: (index: number) => ReturnType<typeof attemptConnection>) {
  const outcomes = await Promise.all(Array.from({ length: count }, (_, index) => attempt(index)));
  const refusals = outcomes.flatMap((outcome) => ('refusal' in outcome ? [outcome.refusal] : []));
  return { admitted: outcomes.length - refusals.length, refusals };
}

const KINDS: readonly [
  name: string,
  options: Partial<RealtimeServerOptions>,
  token: (s: Started) => Promise<string>,
][] = [
  ['a JWT', {}, async ({ token }) => token('42')],
  [
    'a session',
    {},
    async ({ request }) => {
      const response = await request('/api/sessions', { body: { userId: '42', ttlSeconds: 600 } });
      return ((await response.json()) as { token: string }).token;
    },
  ],
  [
    'an asynchronous check',
    {
      authenticate: async () => {
        await turn();
        await turn();
        return { userId: '42' };
      },
    },
    async () => 'anything',
  ],
];

describe.each(KINDS)('100 connections of one user at once, with %s', (_name, options, getToken) => {
  test.each(['websocket', 'polling'])('admit exactly the limit, over %s', async (transport) => {
    const started = await startServer(options);
    const token = await getToken(started);
    const { admitted, refusals } = await race(100, () =>
      attemptConnection(started.url, { token, transports: [transport], withinMs: 40_000 }),
    );
    expect(admitted).toBe(3);
    expect(new Set(refusals.map(({ message }) => message))).toEqual(new Set(['Max connections exceeded']));
    for (const { data } of refusals) expect(data).toMatchObject({ limit: 3, current: 3, retry: false });
    expect(started.server.io.sockets.adapter.rooms.get('user:42')?.size).toBe(3);
  });
});

test('admits the limit of each of several users at once', async () => {
  const { url, token } = await startServer({ limits: { connectionsPerUser: 2 } });
  const { admitted } = await race(30, (index) => attemptConnection(url, { token: token(`u${index % 5}`) }));
  expect(admitted).toBe(10);
});

test('refuses the 4th connection of one user, and admits it when one has gone', async () => {
  const { url, token } = await startServer();
  const [first] = await Promise.all([1, 2, 3].map(() => connectClient(url, { token: token('42') })));
  const fourth = await attemptConnection(url, { token: token('42') });
  expect(fourth).toMatchObject({ refusal: { message: 'Max connections exceeded' } });
  expect((await connectClient(url, { token: token('43') })).connected).toBe(true);
  first?.disconnect();
  const retried = await until(async () => {
    const attempt = await attemptConnection(url, { token: token('42') });
    return 'socket' in attempt && attempt;
  });
  expect(retried.socket.connected).toBe(true);
});

describe('limits.connections', () => {
  test('is exact in a race of many users', async () => {
    const { url, token } = await startServer({ limits: { connections: 7 } });
    const { admitted, refusals } = await race(40, (index) => attemptConnection(url, { token: token(`u${index}`) }));
    expect(admitted).toBe(7);
    expect(new Set(refusals.map(({ data }) => data.code))).toEqual(new Set(['SERVER_AT_CAPACITY']));
  });

  test('comes before the credentials are looked at', async () => {
    const { url, token } = await startServer({ limits: { connections: 1 } });
    await connectClient(url, { token: token('42') });
    expect(await attemptConnection(url, { token: 'a.b.c' })).toMatchObject({
      refusal: { data: { code: 'SERVER_AT_CAPACITY', retry: true } },
    });
  });
});

describe('replace-oldest', () => {
  test('closes the oldest connection with REPLACED and lets the new one in', async () => {
    const { url, token, request } = await startServer({
      limits: { connectionsPerUser: 2, onExceeded: 'replace-oldest' },
    });
    const sockets = [];
    for (let count = 0; count < 4; count += 1) {
      const socket = await connectClient(url, { token: token('42') });
      const closing = new Promise((resolve) => socket.once('closing', resolve));
      sockets.push({ socket, closing });
    }
    for (const { closing } of sockets.slice(0, 2)) {
      expect(await closing).toMatchObject({ code: 'REPLACED', retry: false });
    }
    const { items } = (await (await request('/api/sockets?user=42')).json()) as { items: { id: string }[] };
    const ids = sockets.slice(2).map(({ socket }) => socket.ready.socketId);
    expect(items.map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  test('leaves exactly the limit after a race of 100', async () => {
    const { server, url, token } = await startServer({ limits: { onExceeded: 'replace-oldest' } });
    const { admitted } = await race(100, () => attemptConnection(url, { token: token('42'), withinMs: 40_000 }));
    expect(admitted).toBeGreaterThanOrEqual(3);
    expect(server.io.sockets.adapter.rooms.get('user:42')?.size).toBe(3);
  });
});
