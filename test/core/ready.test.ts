import { describe, expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { silentPeer } from '../support/peers/silent.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

describe.each(['websocket', 'polling'] as const)('a connection that was let in, over %s', (transport) => {
  test('is told the facts by ready, its first event', async () => {
    const { url, token } = await startServer({ heartbeat: { timeout: '45s' }, limits: { connectionsPerUser: 7 } });
    const before = Date.now();
    const { wire, close } = await silentPeer(url, { auth: { token: token('42') }, transport });
    const { payload, index } = await wire.next<{ serverTime: number }>('ready');
    expect(index).toBe(0);
    expect(payload).toEqual({
      socketId: wire.socketId,
      userId: '42',
      rooms: ['user:42'],
      heartbeatTimeoutMs: 45_000,
      connectionsPerUser: 7,
      serverTime: expect.any(Number),
    });
    expect(payload.serverTime).toBeGreaterThanOrEqual(before);
    await close();
  });

  test('has its user and claims in socket.data, and is logged', async () => {
    const { server, url, token, logs } = await startServer();
    const socket = await connectClient(url, {
      token: token('42', { claims: { role: 'editor' } }),
      transports: [transport],
    });
    const data = server.io.sockets.sockets.get(socket.ready.socketId)?.data;
    expect(data).toEqual({
      userId: '42',
      user: { sub: '42', role: 'editor', iat: expect.any(Number), exp: expect.any(Number) },
      correlationId: expect.any(String),
      lastSeen: expect.any(Number),
    });
    expect(await logs.next('connection.accepted')).toMatchObject({
      level: 30,
      userId: '42',
      socketId: socket.ready.socketId,
      correlationId: data?.correlationId,
      transport,
    });
  });

  test('is in its personal room before anything else happens', async () => {
    const { server, url, token } = await startServer();
    server.io.on('connection', (socket) => {
      server.emitter.emit('welcome', socket.data.userId, { users: [socket.data.userId] });
    });
    const socket = await connectClient(url, { token: token('42'), transports: [transport] });
    expect(await nextEvent(socket, 'welcome')).toBe('42');
  });
});

describe('the transports', () => {
  test('begin with polling and go on by WebSocket, where a client does it so', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42'), transports: ['polling', 'websocket'] });
    const serverSide = server.io.sockets.sockets.get(socket.ready.socketId);
    await until(() => serverSide?.conn.transport.name === 'websocket', { what: 'the upgrade' });
    server.emitter.emit('note', 1);
    expect(await nextEvent(socket, 'note')).toBe(1);
  });

  test('offer the WebSocket to who begins with polling', async () => {
    const { url } = await startServer();
    const wire = await openWire(url, { transport: 'polling' });
    expect(wire.open).toMatchObject({ upgrades: ['websocket'], pingInterval: 25_000, pingTimeout: 20_000 });
    await wire.close();
  });

  test('are those of engine.transports', async () => {
    const { url } = await startServer({ engine: { transports: ['websocket'] } });
    await expect(openWire(url, { transport: 'polling' })).rejects.toMatchObject({ status: 400 });
    await (await openWire(url)).close();
  });
});

test('a user who comes back is checked anew', async () => {
  const { url, token, request } = await startServer();
  const old = token('42', { claims: { jti: 'old' } });
  const socket = await connectClient(url, { token: old });
  socket.io.engine.close();
  await request('/api/tokens/revoke', { body: { jti: 'old' } });
  const refused = new Promise<Error>((resolve) => socket.once('connect_error', resolve));
  socket.connect();
  expect((await refused).message).toBe('Token revoked');
});

test('ids in messages, lists and logs differ for each connection of a user', async () => {
  const { url, token, logs } = await startServer();
  const sockets = await Promise.all([1, 2, 3].map(() => connectClient(url, { token: token('42') })));
  expect(new Set(sockets.map(({ ready }) => ready.socketId)).size).toBe(3);
  expect(new Set(logs.of('connection.accepted').map((line) => line['correlationId'])).size).toBe(3);
});
