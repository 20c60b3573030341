import { describe, expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { roundTrip } from '../support/next-event.ts';
import { DROP_STEPS, dropAt } from '../support/peers/dropping.ts';
import { muteTransportPeer } from '../support/peers/mute-transport.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

type Started = Awaited<ReturnType<typeof startServer>>;

async function slotsOf({ request }: Started): Promise<number> {
  return ((await (await request('/api/stats')).json()) as { slots: number }).slots;
}

/** The user may connect as often as the limit says: no slot was lost, and none was won. */
async function expectAllSlots(started: Started, options: object = {}): Promise<void> {
  await until(async () => (await slotsOf(started)) === 0, { what: 'all slots free' });
  const token = started.token('42');
  const sockets = [];
  for (let count = 0; count < 3; count += 1) sockets.push(await connectClient(started.url, { token, ...options }));
  expect((await expectRefusal(started.url, { token, ...options })).data.code).toBe('MAX_CONNECTIONS_EXCEEDED');
  expect(await slotsOf(started)).toBe(3);
  for (const socket of sockets) socket.disconnect();
}

describe('no slot is lost', () => {
  test.each(DROP_STEPS)('when 60 clients vanish %s', async (step) => {
    const started = await startServer();
    const auth = { token: started.token('42') };
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => dropAt(started.url, step, { auth, reset: index % 2 === 0 })),
    );
    await expectAllSlots(started);
  });

  test('when 60 clients vanish while their credentials are being checked', async () => {
    let checked = 0;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const started = await startServer({
      authenticate: async () => {
        checked += 1;
        await gate;
        return { userId: '42' };
      },
    });
    const wires = await Promise.all(Array.from({ length: 60 }, () => openWire(started.url)));
    for (const wire of wires) wire.connect().catch(() => {});
    await until(() => checked === 60, { what: 'all checks begun' });
    for (const [index, wire] of wires.entries()) wire.drop({ reset: index % 2 === 0 });
    await until(() => started.server.io.engine.clientsCount === 0, { what: 'the end of all transports' });
    expect(await slotsOf(started)).toBe(0);
    go();
    await expectAllSlots(started);
    expect(started.logs.of('connection.accepted')).toHaveLength(3);
  });

  test('when a check never ends: the connection does, after limits.connectTimeout', async () => {
    const started = await startServer({
      authenticate: ({ auth }) => {
        const { token } = auth as { token?: string };
        return token === undefined ? new Promise(() => {}) : { userId: '42' };
      },
      limits: { connectTimeout: 300 },
    });
    const wires = await Promise.all(Array.from({ length: 5 }, () => openWire(started.url)));
    for (const wire of wires) wire.connect().catch(() => {});
    for (const wire of wires) expect(await wire.untilClosed({ timeoutMs: 10_000 })).toMatchObject({ by: 'server' });
    await expectAllSlots(started);
  });

  test('when a check throws', async () => {
    const started = await startServer({
      authenticate: async ({ auth }) => {
        const { token } = auth as { token?: string };
        if (token === undefined) throw new Error('the database is down');
        return { userId: '42' };
      },
    });
    for (let count = 0; count < 5; count += 1) {
      const { data } = await expectRefusal(started.url);
      expect(data).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(JSON.stringify(data)).not.toContain('database');
    }
    await expectAllSlots(started);
  });

  test('when the transports of clients go silent', async () => {
    const started = await startServer({ engine: { pingInterval: 100, pingTimeout: 100 } });
    for (const transport of ['websocket', 'polling'] as const) {
      const { wire } = await muteTransportPeer(started.url, { auth: { token: started.token('42') }, transport });
      expect(await wire.untilClosed({ timeoutMs: 10_000 })).toMatchObject({ by: 'server' });
    }
    await until(async () => (await slotsOf(started)) === 0, { what: 'all slots free' });
    expect(started.logs.of('connection.closed')).toMatchObject([
      { code: 'TRANSPORT_LOST' },
      { code: 'TRANSPORT_LOST' },
    ]);
  });

  test('when clients never send CONNECT', async () => {
    const started = await startServer({ limits: { connections: 3, connectTimeout: 300 } });
    const wires = await Promise.all(Array.from({ length: 5 }, () => openWire(started.url)));
    expect(await slotsOf(started)).toBe(0);
    for (const wire of wires) expect(await wire.untilClosed({ timeoutMs: 10_000 })).toMatchObject({ by: 'server' });
  });
});

/** Each way out of a connection that was let in. */
const WAYS: readonly [
  name: string,
  leave: (started: Started, socket: Awaited<ReturnType<typeof connectClient>>) => unknown,
][] = [
  ['the client disconnects', (_started, socket) => socket.disconnect()],
  ['the client closes its transport', (_started, socket) => socket.io.engine.close()],
  ['an administrator kicks', ({ request }) => request('/api/users/42/sockets', { method: 'DELETE' })],
  ['the library disconnects the user', ({ server }) => server.users.disconnectUser('42')],
  ['the application disconnects the socket', ({ server }) => server.io.disconnectSockets()],
  ['the application closes the transports', ({ server }) => server.io.disconnectSockets(true)],
  ['the tokens are revoked', ({ request }) => request('/api/tokens/revoke', { body: { userId: '42' } })],
];

describe.each(['websocket', 'polling'])('a slot is given back, over %s', (transport) => {
  test.each(WAYS)('when %s', async (_name, leave) => {
    const started = await startServer();
    const { url, token, server } = started;
    const before = token('42', { claims: { iat: 1 } });
    const sockets = await Promise.all(
      [1, 2, 3].map(() => connectClient(url, { token: before, transports: [transport] })),
    );
    for (const socket of sockets) await roundTrip(socket);
    for (const socket of sockets) await leave(started, socket);
    await until(() => !server.users.isOnline('42'), { what: 'the user being offline' });
    const later = { token: token('42', { claims: { iat: Date.now() / 1_000 + 5 } }), transports: [transport] };
    await expectAllSlots(started, later);
  });
});
