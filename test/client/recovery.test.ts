import { describe, expect, onTestFinished, test } from 'vitest';
import { type ConnectOptions, connect, type RealtimeClient, RtError } from '../../src/client/index.ts';
import { connectClient } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

function open(url: string, options: ConnectOptions = {}): RealtimeClient {
  const client = connect(url, options);
  onTestFinished(() => client.close());
  return client;
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof RtError ? error.code : error),
  );

describe('comes back by itself', () => {
  test('to a server that was started again, joins where it is told to, and keeps its heart beating', async () => {
    const before = await startServer({ heartbeat: { timeout: 400 } });
    const client = open(before.url, { token: () => before.token('42') });
    const heard: unknown[] = [];
    client.on('news', (payload) => heard.push(payload));
    let joins = 0;
    client.on('ready', () => void client.join('lobby').then(() => joins++));
    await client.ready;
    await until(() => joins === 1);
    await before.server.close();
    const after = await startServer({ port: Number(new URL(before.url).port), heartbeat: { timeout: 400 } });
    await until(() => joins === 2, { withinMs: 45_000 });
    expect(after.server.emitter.emit('news', 1, { rooms: ['lobby'] })).toEqual({ ok: true, recipients: 1 });
    await until(() => heard.length === 1);
    const socket = after.server.io.sockets.sockets.get(String(client.socket.id));
    const start = Number(socket?.data.lastSeen);
    await until(() => Number(socket?.data.lastSeen) > start + 900, { what: 'heartbeats beyond the timeout' });
    expect(client.isConnected).toBe(true);
  });

  test('after a refusal that passes, and stays away after one that does not', async () => {
    const { url, token } = await startServer({ limits: { connections: 1 } });
    const first = await connectClient(url, { token: token('first') });
    const client = open(url, { token: token('42') });
    const impatient = open(url, { token: token('43'), reconnection: false });
    expect(await codeOf(client.ready)).toBe('SERVER_AT_CAPACITY');
    expect(await impatient.closed).toMatchObject({ code: 'SERVER_AT_CAPACITY', retry: true });
    first.disconnect();
    await until(() => client.isConnected, { withinMs: 45_000 });
    expect(impatient.isConnected).toBe(false);
  });
});

describe('what was asked for before or between connections', () => {
  test('is answered as soon as there is one', async () => {
    const { url, token } = await startServer();
    const client = open(url, { token: token('42') });
    expect(await client.join('lobby')).toMatchObject({ room: 'lobby' });
    expect(await client.ping()).toMatchObject({ serverTime: expect.any(Number) });
  });

  test('is rejected by close()', async () => {
    const { url, token } = await startServer();
    const client = open(url, { token: token('42') });
    const asked = [client.join('lobby'), client.leaveProtocol(), client.refresh('x'), client.emit('y')].map(codeOf);
    client.close();
    expect(await Promise.all(asked)).toEqual(Array(4).fill('SERVER_UNREACHABLE'));
  });
});

describe('refresh() is refused', () => {
  test('with the code of what is wrong, and the connection goes on with the old token', async () => {
    const { url, token } = await startServer();
    const client = open(url, { token: token('42') });
    await client.ready;
    expect(await codeOf(client.refresh(token('43')))).toBeOneOf(['FORBIDDEN', 'TOKEN_INVALID']);
    expect(await codeOf(client.refresh(token('42', { expiresInMs: -60_000 })))).toBe('TOKEN_EXPIRED');
    expect(await codeOf(client.refresh(token('42', { secret: 'another' })))).toBe('TOKEN_INVALID');
    expect(await codeOf(client.refresh(''))).not.toBe('resolved');
    expect(await client.ping()).toMatchObject({ lastSeen: expect.any(Number) });
  });
});

describe('finds its way', () => {
  test('to a server below a path of a proxy, by a WebSocket URL, with a slash at its end', async () => {
    const { url, token } = await startServer({ path: '/live/socket.io' });
    await open(`${url.replace('http', 'ws')}/live/`, { token: token('42') }).ready;
    await open(url, { token: token('42'), path: '/live/socket.io' }).ready;
  });

  test('in by a header of its own, where Node sends one', async () => {
    const { url, token } = await startServer();
    for (const transport of ['websocket', 'polling'] as const) {
      const headers = { authorization: `Bearer ${token('42')}` };
      const { userId } = await open(url, { headers, transports: [transport] }).ready;
      expect(userId).toBe('42');
    }
  });
});

test('onAny hears everything, what asks for an answer and carries nothing too, until it is stopped', async () => {
  const { url, token, server } = await startServer();
  const client = open(url, { token: token('42') });
  const heard: unknown[] = [];
  const stop = client.onAny((event, payload, acknowledge) => {
    heard.push([event, payload, typeof acknowledge]);
    acknowledge?.('seen');
  });
  await client.ready;
  // Without any payload, as an application may with Socket.IO itself.
  expect(await server.io.timeout(10_000).emitWithAck('ask')).toEqual(['seen']);
  server.emitter.emit('tell', { a: 1 }, { users: ['42'] });
  await client.ping();
  expect(heard.slice(1)).toEqual([
    ['ask', undefined, 'function'],
    ['tell', { a: 1 }, 'undefined'],
  ]);
  expect(heard[0]).toMatchObject(['ready', { userId: '42' }, 'undefined']);
  stop();
  server.emitter.emit('tell', 2, { users: ['42'] });
  await client.ping();
  expect(heard).toHaveLength(3);
});
