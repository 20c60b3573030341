import { describe, expect, onTestFinished, test } from 'vitest';
import { createHeartbeats } from '../../src/core/heartbeat.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectClient } from '../support/connect.ts';
import { disconnected, nextEvent, roundTrip, takeEvents } from '../support/next-event.ts';
import { silentPeer } from '../support/peers/silent.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

describe('ping', () => {
  test.each([[undefined], [null], [{}], ['text'], [42], [[1, 2]], [Buffer.from('binary')]])(
    'with payload %j and an acknowledgement is acknowledged',
    async (payload) => {
      const { url, token } = await startServer();
      const socket = await connectClient(url, { token: token('42') });
      const before = Date.now();
      const answer =
        payload === undefined ? await socket.emitWithAck('ping') : await socket.emitWithAck('ping', payload);
      expect(answer).toEqual({ ok: true, lastSeen: expect.any(Number), serverTime: expect.any(Number) });
      expect(answer.lastSeen).toBeGreaterThanOrEqual(before);
      await roundTrip(socket);
      expect(takeEvents(socket, 'pong')).toEqual([]);
    },
  );

  test('without an acknowledgement is answered by pong', async () => {
    const { url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    for (const args of [[], [{}], [null]]) {
      socket.emit('ping', ...args);
      expect(await nextEvent(socket, 'pong')).toEqual({ lastSeen: expect.any(Number), serverTime: expect.any(Number) });
    }
  });

  test('moves lastSeen in socket.data and in the list', async () => {
    const { server, url, token, request } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const serverSide = server.io.sockets.sockets.get(socket.ready.socketId);
    const first = serverSide?.data.lastSeen ?? 0;
    expect(first).toBeLessThanOrEqual(Date.now());
    await until(() => Date.now() > first);
    const { lastSeen } = await socket.emitWithAck('ping');
    expect(lastSeen).toBeGreaterThan(first);
    expect(serverSide?.data.lastSeen).toBe(lastSeen);
    const { items } = (await (await request('/api/sockets')).json()) as { items: { lastSeen: number }[] };
    expect(items[0]?.lastSeen).toBe(lastSeen);
  });
});

const TIMEOUT_MS = 400;

describe('a connection without heartbeats', () => {
  test.each(['websocket', 'polling'])('is told, logged and closed, over %s', async (transport) => {
    const { url, token, logs, request } = await startServer({ heartbeat: { timeout: TIMEOUT_MS } });
    const socket = await connectClient(url, { token: token('42'), transports: [transport] });
    const connectedAt = performance.now();
    const ended = disconnected(socket);
    const closing = await nextEvent<{ correlationId: string }>(socket, 'closing');
    expect(performance.now() - connectedAt).toBeGreaterThan(TIMEOUT_MS - 150);
    expect(closing).toEqual({
      code: 'HEARTBEAT_TIMEOUT',
      message: 'No heartbeat in time',
      retry: true,
      correlationId: expect.any(String),
    });
    expect(await ended).toMatch(/transport/);
    const { correlationId } = closing;
    const about = { correlationId, userId: '42', socketId: socket.ready.socketId };
    expect(await logs.next('heartbeat.timeout')).toMatchObject({ level: 40, ...about });
    expect(await logs.next('connection.closed')).toMatchObject({ code: 'HEARTBEAT_TIMEOUT', ...about });
    const { items } = (await (await request('/api/refusals')).json()) as { items: object[] };
    expect(items[0]).toMatchObject({ kind: 'closed', code: 'HEARTBEAT_TIMEOUT', correlationId, userId: '42' });
    expect(await (await fetch(new URL('/metrics', url))).text()).toContain('rtserver_heartbeat_timeouts_total 1');
  });

  test('is closed although it sends other events and answers the transport', async () => {
    const { url, token } = await startServer({ heartbeat: { timeout: TIMEOUT_MS }, engine: { pingInterval: 50 } });
    const socket = await connectClient(url, { token: token('42') });
    const busy = setInterval(() => socket.emit('room:join', { room: 'busy' }), 30);
    onTestFinished(() => clearInterval(busy));
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'HEARTBEAT_TIMEOUT' });
  });

  test('is in no room and gets no event from then on, also when it does not let itself be closed', async () => {
    const { server, url, token, logs, request } = await startServer({ heartbeat: { timeout: TIMEOUT_MS } });
    const { wire } = await silentPeer(url, { auth: { token: token('42') } });
    onTestFinished(() => wire.drop());
    await wire.next('ready');
    wire.pause();
    await logs.next('heartbeat.timeout');
    expect(server.emitter.emit('note', 1)).toEqual({ ok: true, recipients: 0 });
    expect(server.emitter.emit('note', 1, { users: ['42'] })).toEqual({ ok: true, recipients: 0 });
    expect(server.emitter.emit('note', 1, { sockets: [wire.socketId ?? ''] })).toEqual({ ok: true, recipients: 0 });
    expect(await server.emitter.emitWithAck('note', 1, {}, { timeoutMs: 50 })).toEqual([]);
    expect(await (await request('/api/users')).json()).toEqual({ items: [] });
    wire.resume();
    await wire.untilClosed();
    expect(wire.events.map(({ event }) => event)).toEqual(['ready', 'closing']);
  });
});

describe('with heartbeat.source "any"', () => {
  const heartbeat = { timeout: TIMEOUT_MS, source: 'any' } as const;

  test.each(['websocket', 'polling'] as const)(
    'the pong of the transport keeps a connection, over %s',
    async (transport) => {
      const { url, token, logs } = await startServer({ heartbeat, engine: { pingInterval: 60 } });
      const { wire } = await silentPeer(url, { auth: { token: token('42') }, transport });
      onTestFinished(() => wire.drop());
      const { wire: mute } = await silentPeer(url, { auth: { token: token('43') }, pong: 'never' });
      onTestFinished(() => mute.drop());
      // By the time that the mute one is out, the other has lived through its timeout as well.
      await logs.next('connection.closed', { match: (line) => line['userId'] === '43' });
      await until(() => wire.counts.pings > (2 * TIMEOUT_MS) / 60, { what: 'twice the timeout' });
      expect(wire.closing).toBeUndefined();
      expect(logs.of('heartbeat.timeout').filter((line) => line['userId'] === '42')).toEqual([]);
    },
  );

  test('silence of the transport too is a timeout', async () => {
    const { url, token } = await startServer({ heartbeat, engine: { pingInterval: 10_000 } });
    const wire = await openWire(url);
    await wire.connect({ auth: { token: token('42') } });
    expect(await wire.next('closing')).toMatchObject({ payload: { code: 'HEARTBEAT_TIMEOUT' } });
  });
});

test('clients that beat stay, in either source, while silent ones go', async () => {
  const { url, token, logs } = await startServer({ heartbeat: { timeout: 1_000 } });
  const beating = await connectClient(url, { token: token('42') });
  const beats = setInterval(() => beating.emit('ping', {}), 50);
  onTestFinished(() => clearInterval(beats));
  for (const round of [1, 2]) {
    await connectClient(url, { token: token(`silent-${round}`) });
    await logs.next('heartbeat.timeout', { match: (line) => line['userId'] === `silent-${round}` });
  }
  expect(beating.connected).toBe(true);
  expect(logs.of('heartbeat.timeout')).toHaveLength(2);
});

test('a clock that jumps ends nobody who beats, and everybody who does not', async () => {
  let now = 0;
  const silent: string[] = [];
  const heartbeats = createHeartbeats<string>(
    40,
    (peer) => silent.push(peer),
    () => now,
  );
  onTestFinished(() => heartbeats.close());
  heartbeats.beat('a');
  heartbeats.beat('b');
  now = 30;
  heartbeats.beat('a');
  now = 45;
  await until(() => silent.length > 0);
  expect(silent).toEqual(['b']);
  heartbeats.drop('a');
  heartbeats.beat('c');
  now = 1_000;
  await until(() => silent.length > 1);
  expect(silent).toEqual(['b', 'c']);
});
