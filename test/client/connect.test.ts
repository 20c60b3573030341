import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ConnectOptions, connect, RtError } from '../../src/client/index.ts';
import { freePort } from '../support/free-port.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

/** A client that is closed with the test. */
function open(url: string, options: ConnectOptions = {}) {
  const client = connect(url, options);
  onTestFinished(() => client.close());
  return client;
}

/** A Socket.IO server that is none of ours; it acknowledges nothing, and says `ready` where it is told what to say. */
async function startStranger(ready?: object) {
  const http = createServer().listen(0, '127.0.0.1');
  const io = new Server(http);
  onTestFinished(() => io.close());
  if (ready !== undefined) io.on('connection', (socket) => void socket.emit('ready', ready));
  await once(http, 'listening');
  return { io, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof RtError ? error.code : error),
  );

test('resolves to what the server said, over WebSocket', async () => {
  const { url, token } = await startServer();
  const client = open(url, { token: token('42') });
  const ready = await client.ready;
  expect(ready).toMatchObject({ userId: '42', rooms: ['user:42'], connectionsPerUser: 3 });
  expect(client.isConnected).toBe(true);
  expect(client.socket.id).toBe(ready.socketId);
  expect(client.socket.io.engine.transport.name).toBe('websocket');
});

test('falls back to polling where there is no WebSocket', async () => {
  const { url, token } = await startServer({ engine: { transports: ['polling'] } });
  const client = open(url, { token: token('42') });
  await client.ready;
  expect(client.socket.io.engine.transport.name).toBe('polling');
});

test('joins, leaves and switches rooms, and hears what is sent to them', async () => {
  const { url, token, server } = await startServer();
  const client = open(url, { token: token('42') });
  await client.ready;
  const heard: unknown[] = [];
  const stop = client.on('hello', (payload) => heard.push(payload));
  expect(await client.join('lobby')).toMatchObject({ room: 'lobby' });
  expect(await client.joinProtocol(7)).toMatchObject({ room: 'protocol:7' });
  expect(await client.joinProtocol('8')).toMatchObject({ room: 'protocol:8', left: 'protocol:7' });
  for (const room of ['lobby', 'protocol:7', 'protocol:8']) server.emitter.emit('hello', room, { rooms: [room] });
  await until(() => heard.length === 2);
  expect(await client.leaveProtocol()).toMatchObject({ left: 'protocol:8' });
  expect(await client.leave('lobby')).toMatchObject({ room: 'lobby' });
  stop();
  server.emitter.emit('hello', 'late', { users: ['42'] });
  // Answered after what was sent before.
  await client.ping();
  expect(heard).toEqual(['lobby', 'protocol:8']);
});

test('answers an event that asks for an acknowledgement', async () => {
  const { url, token, server } = await startServer();
  const client = open(url, { token: token('42') });
  client.on('ask', (payload, acknowledge) => acknowledge?.({ answer: payload }));
  await client.ready;
  const acks = await server.emitter.emitWithAck('ask', 6, { users: ['42'] }, { timeoutMs: 10_000 });
  expect(acks).toMatchObject([{ ok: true, value: { answer: 6 } }]);
});

describe('turns into an error with a code', () => {
  test('a refusal, with its details, and does not come back', async () => {
    const { url, token } = await startServer({ limits: { connectionsPerUser: 1 } });
    await open(url, { token: token('42') }).ready;
    const client = open(url, { token: token('42') });
    const error = await client.ready.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RtError);
    expect(error).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED', message: 'Max connections exceeded' });
    expect((error as RtError).detail).toMatchObject({ limit: 1, current: 1, correlationId: expect.any(String) });
    expect(await client.closed).toBe(error);
  });

  test('no token, a wrong one, an old one, and one that could not be got', async () => {
    const { url, token } = await startServer();
    expect(await codeOf(open(url).ready)).toBe('UNAUTHENTICATED');
    expect(await codeOf(open(url, { token: token('42', { secret: 'another' }) }).ready)).toBe('TOKEN_INVALID');
    expect(await codeOf(open(url, { token: token('42', { expiresInMs: -60_000 }) }).ready)).toBe('TOKEN_EXPIRED');
    const failing = open(url, { token: () => Promise.reject(new Error('no network')) });
    expect(await failing.ready.catch((error: unknown) => error)).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('no network'),
    });
  });

  test('a refused origin, on either transport', async () => {
    const { url, token } = await startServer({ cors: { origins: ['https://app.example'] } });
    const headers = { origin: 'https://evil.example' };
    const polling = open(url, { token: token('42'), headers, transports: ['polling'] });
    expect(await codeOf(polling.ready)).toBe('ORIGIN_NOT_ALLOWED');
    expect(await codeOf(open(url, { token: token('42'), headers }).ready)).toBe('ORIGIN_NOT_ALLOWED');
  });

  test('no server', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const error = await open(url, { reconnection: false }).ready.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'SERVER_UNREACHABLE', message: expect.stringContaining(url) });
  });

  test('a Socket.IO server that is no rtserver', async () => {
    const { url } = await startStranger();
    const client = open(url, { reconnection: false, connectTimeoutMs: 300 });
    expect(await client.ready.catch((caught: unknown) => caught)).toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('not an rtserver'),
    });
  });

  test('a failed acknowledgement', async () => {
    const { url, token } = await startServer();
    const client = open(url, { token: token('42') });
    await client.ready;
    expect(await codeOf(client.join('user:43'))).toBe('ROOM_FORBIDDEN');
    expect(await codeOf(client.join('two words'))).toBe('ROOM_INVALID');
    expect(await codeOf(client.emit('nonsense', 1))).toBe('EVENT_UNKNOWN');
  });

  test('an acknowledgement that does not come, in time or because the connection is lost', async () => {
    const { url, io } = await startStranger({ heartbeatTimeoutMs: 60_000 });
    const hasty = open(url, { ackTimeoutMs: 100 });
    await hasty.ready;
    expect(await codeOf(hasty.join('lobby'))).toBe('ACK_TIMEOUT');
    const patient = open(url);
    await patient.ready;
    const code = codeOf(patient.join('lobby'));
    io.disconnectSockets(true);
    expect(await code).toBe('SERVER_UNREACHABLE');
  });
});

describe('sends heartbeats', () => {
  test('often enough for the server by itself', async () => {
    const { url, token, server } = await startServer({ heartbeat: { timeout: 600 } });
    const client = open(url, { token: token('42') });
    const { socketId } = await client.ready;
    const lastSeen = () => server.io.sockets.sockets.get(socketId)?.data.lastSeen ?? 0;
    const start = lastSeen();
    await until(() => lastSeen() > start + 1_300, { what: 'heartbeats beyond the timeout' });
    expect(client.isConnected).toBe(true);
  });

  test('and none where that is asked for', async () => {
    const { url, token } = await startServer({ heartbeat: { timeout: 200 } });
    const client = open(url, { token: token('42'), heartbeatMs: false, reconnection: false });
    await client.ready;
    expect(await client.closed).toMatchObject({ code: 'HEARTBEAT_TIMEOUT' });
  });
});

describe('when the server ends the connection', () => {
  test('for good, it tells why and stays away', async () => {
    const { url, token, server } = await startServer();
    const client = open(url, { token: token('42') });
    const closings: string[] = [];
    client.onClosing(({ code }) => closings.push(code));
    await client.ready;
    server.users.kick('42');
    expect(await client.closed).toMatchObject({ code: 'KICKED' });
    expect(closings).toEqual(['KICKED']);
    expect(client.socket.active).toBe(false);
  });

  test('for a reason that passes, it comes back, with a fresh token', async () => {
    const { url, token, server } = await startServer({ heartbeat: { timeout: 200 } });
    let asked = 0;
    const fresh = async () => token('42', { claims: { asked: ++asked } });
    const client = open(url, { token: fresh, heartbeatMs: false });
    let readies = 0;
    client.on('ready', () => readies++);
    await until(() => readies === 2);
    expect(asked).toBe(2);
    expect([...server.io.sockets.sockets.values()].map(({ data }) => data.user['asked'])).toEqual([2]);
  });

  test('as its token expired, it comes back where it can get a new one, and only there', async () => {
    const { url, token } = await startServer();
    const short = () => token('42', { expiresInMs: 1_500 });
    const fixed = open(url, { token: short() });
    const renewing = open(url, { token: short });
    let readies = 0;
    renewing.on('ready', () => readies++);
    expect(await fixed.closed).toMatchObject({ code: 'TOKEN_EXPIRED' });
    await until(() => readies === 2);
  });
});

test('waits for a server that is not there yet, after it has said so', async () => {
  const port = await freePort();
  const client = open(`http://127.0.0.1:${port}`, { token: async () => (await started).token('42') });
  expect(await codeOf(client.ready)).toBe('SERVER_UNREACHABLE');
  const started = startServer({ port });
  await started;
  await until(() => client.isConnected, { withinMs: 30_000 });
});

test('a new token takes the place of one that would expire', async () => {
  const { url, token } = await startServer();
  const client = open(url, { token: token('42', { expiresInMs: 3_000 }) });
  await client.ready;
  const { expiresAt } = await client.refresh(token('42', { expiresInMs: 60_000 }));
  expect(expiresAt).toBeGreaterThan(Date.now() + 30_000);
  expect(await codeOf(client.refresh(token('43')))).not.toBe('resolved');
});

test('close() ends it once and for all, and is safe twice', async () => {
  const { url, token } = await startServer();
  const client = open(url, { token: token('42') });
  await client.ready;
  client.close();
  client.close();
  expect(await client.closed).toBeUndefined();
  expect(client.isConnected).toBe(false);
  expect(await codeOf(client.join('lobby'))).toBe('SERVER_UNREACHABLE');

  const hasty = open(url, { token: token('42') });
  hasty.close();
  expect(await codeOf(hasty.ready)).toBe('SERVER_UNREACHABLE');
});
