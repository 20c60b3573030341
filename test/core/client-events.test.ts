import { describe, expect, onTestFinished, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectClient } from '../support/connect.ts';
import { roundTrip } from '../support/next-event.ts';
import { FORGERIES } from '../support/peers/forgeries.ts';
import { forgingPeer } from '../support/peers/forging.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

describe('an event that nobody handles', () => {
  test.each(['unknown', 'error', 'toString', '__proto__', 'constructor', 'ready', 'closing', ''])(
    'is answered EVENT_UNKNOWN when it asks: %j',
    async (event) => {
      const { url, token } = await startServer();
      const socket = await connectClient(url, { token: token('42') });
      expect(await socket.timeout(10_000).emitWithAck(event, {})).toEqual({
        ok: false,
        error: { code: 'EVENT_UNKNOWN', message: 'Nobody handles this event' },
      });
    },
  );

  test('is ignored without an acknowledgement', async () => {
    const { url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    socket.emit('unknown', { x: 1 });
    await roundTrip(socket);
  });

  test('goes to listeners of the application', async () => {
    const { server, url, token } = await startServer();
    server.io.on('connection', (socket) => {
      socket.on('app:echo', (payload: unknown, ack: (value: unknown) => void) => ack(payload));
    });
    const socket = await connectClient(url, { token: token('42') });
    expect(await socket.emitWithAck('app:echo', 'hello')).toBe('hello');
  });
});

test.each(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])(
  'a client that sends the reserved event "%s" ends itself, and nobody else',
  async (event) => {
    const { url, token } = await startServer();
    const neighbour = await connectClient(url, { token: token('43') });
    const wire = await openWire(url);
    await wire.connect({ auth: { token: token('42') } });
    wire.emit(event, {});
    expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
    await roundTrip(neighbour);
  },
);

describe.each([true, false])('forged packets (connected: %s)', (isConnected) => {
  test('crash nothing, leak no slot and leave no log line above a warning', async () => {
    const { url, token, logs, request } = await startServer({ limits: { connectionsPerUser: 1_000 } });
    const auth = { token: token('42') };
    const neighbour = await connectClient(url, { token: token('43') });
    for (const forgery of FORGERIES) {
      const peer = await forgingPeer(url, forgery, { isConnected, auth });
      await roundTrip(neighbour);
      await peer.close();
    }
    const slots = async () => ((await (await request('/api/stats')).json()) as { slots: number }).slots;
    await until(async () => (await slots()) === 1, { what: 'all slots free' });
    expect(logs.lines.filter(({ level }) => level > 40)).toEqual([]);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

test('more than limits.payloadBytes ends the connection that sends it', async () => {
  const { url, token } = await startServer({ limits: { payloadBytes: '10kB' } });
  const wire = await openWire(url);
  onTestFinished(() => wire.drop());
  await wire.connect({ auth: { token: token('42') } });
  expect(await wire.emitWithAck('ping', 'x'.repeat(5_000))).toMatchObject({ ok: true });
  wire.emit('ping', 'x'.repeat(20_000));
  expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
});

test('every event takes hostile payloads without a crash', async () => {
  const { url, token, logs } = await startServer({ limits: { eventsPerSecond: 10_000 } });
  const socket = await connectClient(url, { token: token('42') });
  const payloads = [
    undefined,
    null,
    true,
    0,
    '',
    'x'.repeat(50_000),
    [],
    [[]],
    {},
    { room: {} },
    { room: { toString: 1 } },
    { protocolId: { toString: 1 } },
    { token: {} },
    { token: 'x'.repeat(50_000) },
    JSON.parse('{"__proto__":{"room":"x"}}'),
    Buffer.from([1, 2, 3]),
    { room: Buffer.from('x') },
    { constructor: { prototype: { room: 'x' } } },
  ];
  for (const event of ['ping', 'protocol:join', 'protocol:leave', 'room:join', 'room:leave', 'auth:refresh']) {
    for (const payload of payloads) {
      const answer = await socket.timeout(10_000).emitWithAck(event, payload);
      expect(answer.error?.code).not.toBe('INTERNAL');
      socket.emit(event, payload);
    }
  }
  await roundTrip(socket);
  expect(logs.lines.filter(({ level }) => level > 40)).toEqual([]);
});
