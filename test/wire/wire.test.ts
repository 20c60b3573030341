import type { Socket } from 'socket.io';
import { describe, expect, test } from 'vitest';
import { connectTestWire, openTestWire, POLL, type StockServer, startStockServer } from './stock-server.ts';

const nextSocket = ({ io }: StockServer): Promise<Socket> => new Promise((resolve) => io.once('connection', resolve));

describe.each(['websocket', 'polling'] as const)('a wire over %s', (transport) => {
  test('enters the namespace with its credentials', async () => {
    const server = await startStockServer();
    const [wire, socket] = [await openTestWire(server.url, { transport }), nextSocket(server)];
    const answer = await wire.connect({ auth: { token: 'x' } });
    expect((await socket).handshake.auth).toEqual({ token: 'x' });
    expect(answer).toEqual({ ok: true, sid: (await socket).id });
    expect(wire.socketId).toBe((await socket).id);
  });

  test('gives a refusal as an answer', async () => {
    const server = await startStockServer();
    server.io.use((_socket, next) =>
      next(Object.assign(new Error('Invalid token'), { data: { code: 'TOKEN_INVALID' } })),
    );
    const wire = await openTestWire(server.url, { transport });
    expect(await wire.connect()).toEqual({
      ok: false,
      message: 'Invalid token',
      data: { code: 'TOKEN_INVALID' },
      code: 'TOKEN_INVALID',
    });
    expect(wire.closing).toBeUndefined();
  });

  test('enters several namespaces, each with its own answer', async () => {
    const server = await startStockServer();
    server.io.of('/admin').on('connection', (socket) => socket.emit('snapshot', 1));
    const wire = await connectTestWire(server.url, { transport });
    expect(await wire.connect({ namespace: '/admin' })).toMatchObject({ ok: true });
    expect(await wire.connect({ namespace: '/nowhere' })).toMatchObject({ ok: false, message: 'Invalid namespace' });
    expect(await wire.next('snapshot')).toMatchObject({ namespace: '/admin', payload: 1 });
  });

  test('emits and receives, binary data included, in order', async () => {
    const server = await startStockServer();
    server.io.on('connection', (socket) => socket.onAny((event, ...args) => socket.emit(`${event}:back`, ...args)));
    const wire = await connectTestWire(server.url, { transport });
    wire.emit('a', 'ä€😀', null, { n: 1 });
    wire.emit('b', { bytes: Buffer.from([1, 2, 3]) }, Buffer.from('x'));
    wire.emit('a', 2);
    expect((await wire.next('b:back')).args).toEqual([{ bytes: Buffer.from([1, 2, 3]) }, Buffer.from('x')]);
    expect((await wire.next('a:back')).args).toEqual(['ä€😀', null, { n: 1 }]);
    expect((await wire.next('a:back')).args).toEqual([2]);
    expect(wire.events.map(({ event }) => event)).toEqual(['ready', 'a:back', 'b:back', 'a:back']);
  });

  test('gets its acknowledgements, each for its own event', async () => {
    const server = await startStockServer();
    server.io.on('connection', (socket) => socket.on('double', (n: number, ack) => ack(n * 2)));
    const wire = await connectTestWire(server.url, { transport });
    const answers = [1, 2, 3].map((n) => wire.emitWithAck<number>('double', n));
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  });

  test('acknowledges events of the server when told to', async () => {
    const server = await startStockServer();
    const arrival = nextSocket(server);
    const wire = await connectTestWire(server.url, { transport });
    const answer = (await arrival).emitWithAck('question', 42);
    const { payload, reply } = await wire.next('question');
    reply?.({ saw: payload });
    expect(await answer).toEqual({ saw: 42 });
  });

  test('knows a namespace that the server ended from a connection that it ended', async () => {
    const server = await startStockServer();
    const arrival = nextSocket(server);
    const wire = await connectTestWire(server.url, { transport });
    (await arrival).disconnect();
    expect(await wire.untilDisconnected()).toBe('namespace');
    expect(wire.closing).toBeUndefined();

    const again = nextSocket(server);
    await wire.connect();
    const ending = wire.untilDisconnected();
    (await again).conn.close();
    expect(await ending).toBe('connection');
    expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
    expect(await wire.untilDisconnected()).toBe('connection');
  });

  test('leaves a namespace and stays connected', async () => {
    const server = await startStockServer();
    const arrival = nextSocket(server);
    const wire = await connectTestWire(server.url, { transport });
    const reason = new Promise((resolve) => arrival.then((socket) => socket.on('disconnect', resolve)));
    await arrival;
    wire.disconnect();
    expect(await reason).toBe('client namespace disconnect');
    expect(await wire.connect()).toMatchObject({ ok: true });
  });

  test('closes properly, twice if asked', async () => {
    const server = await startStockServer();
    const arrival = nextSocket(server);
    const wire = await connectTestWire(server.url, { transport });
    const reason = new Promise((resolve) => arrival.then((socket) => socket.on('disconnect', resolve)));
    await arrival;
    await Promise.all([wire.close(), wire.close()]);
    await wire.close();
    expect(await reason).toBe('transport close');
    expect(wire.closing).toMatchObject({ by: 'client' });
    expect(server.io.engine.clientsCount).toBe(0);
  });

  test.each([true, false])('vanishes without a word (reset: %s)', async (reset) => {
    const server = await startStockServer();
    const arrival = nextSocket(server);
    const wire = await connectTestWire(server.url, { transport });
    const socket = await arrival;
    const reason = new Promise((resolve) => socket.on('disconnect', resolve));
    // A client that polls can be missed at once only while the server holds its request.
    await expect.poll(() => socket.conn.transport.writable, POLL).toBe(true);
    wire.drop({ reset });
    expect(await wire.closed).toMatchObject({ code: 1006, by: 'client' });
    expect(await reason).toMatch(/transport (close|error)/);
  });

  test('sends any packet and any text', async () => {
    const server = await startStockServer();
    const wire = await connectTestWire(server.url, { transport });
    wire.sendText('427["ping"]');
    await expect.poll(() => wire.counts.strayAcks, POLL).toBe(1);
    wire.sendText('42["x",[[[[');
    expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
  });

  test('answers heartbeats, so that it stays', async () => {
    const server = await startStockServer({ pingInterval: 20, pingTimeout: 5_000 });
    const wire = await connectTestWire(server.url, { transport });
    await expect.poll(() => wire.counts.pings, POLL).toBeGreaterThan(5);
    expect(wire.closing).toBeUndefined();
  });

  test('withholds its pongs, and is put out in the window of the open packet', async () => {
    const server = await startStockServer({ pingInterval: 200, pingTimeout: 100 });
    const arrival = nextSocket(server);
    const startedAt = performance.now();
    const wire = await openTestWire(server.url, { transport, pong: 'never' });
    await wire.connect();
    const reason = new Promise((resolve) => arrival.then((socket) => socket.on('disconnect', resolve)));
    const closing = await wire.untilClosed();
    expect(await reason).toBe('ping timeout');
    expect(closing.at - startedAt).toBeGreaterThan(295);
    expect(wire.counts.pings).toBe(1);
  });

  test('answers late, as told, and can change its mind', async () => {
    const server = await startStockServer({ pingInterval: 20, pingTimeout: 300 });
    const wire = await connectTestWire(server.url, { transport, pong: { delayMs: 10 } });
    await expect.poll(() => wire.counts.pings, POLL).toBeGreaterThan(2);
    wire.pong = { delayMs: 2_000 };
    expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
  });
});

test('upgrades from polling to a WebSocket and loses nothing', async () => {
  const server = await startStockServer();
  const arrival = nextSocket(server);
  const wire = await connectTestWire(server.url, { transport: 'polling' });
  const socket = await arrival;
  const upgraded = new Promise((resolve) => socket.conn.once('upgrade', resolve));
  const upgrade = wire.upgrade();
  for (let n = 0; n < 20; n += 1) socket.emit('n', n);
  await Promise.all([upgrade, upgraded]);
  for (let n = 20; n < 40; n += 1) socket.emit('n', n);
  expect(wire.transport).toBe('websocket');
  expect(socket.conn.transport.name).toBe('websocket');
  await wire.next('n', { match: (n) => n === 39 });
  expect(wire.events.filter(({ event }) => event === 'n').map(({ payload }) => payload)).toEqual(
    Array.from({ length: 40 }, (_, n) => n),
  );
  expect(await wire.emitWithAck('ping')).toEqual({ ok: true });
  await wire.close();
});

test('says why an upgrade failed, and goes on polling', async () => {
  const server = await startStockServer({ transports: ['polling'] });
  const wire = await connectTestWire(server.url, { transport: 'polling' });
  await expect(wire.upgrade()).rejects.toMatchObject({ kind: 'http', status: 400 });
  expect(wire.transport).toBe('polling');
  expect(await wire.emitWithAck('ping')).toEqual({ ok: true });
});

test('sends more than one request may hold, over polling, in several', async () => {
  const server = await startStockServer({ maxHttpBufferSize: 1_000 });
  server.io.on('connection', (socket) => socket.on('length', (text: string, ack) => ack(text.length)));
  const wire = await connectTestWire(server.url, { transport: 'polling' });
  const answers = Array.from({ length: 20 }, () => wire.emitWithAck('length', 'x'.repeat(400)));
  expect(await Promise.all(answers)).toEqual(Array(20).fill(400));
  await wire.flushed();
  expect(wire.bufferedBytes).toBe(0);
});

test('a close that the server does not answer can be cut short', async () => {
  const server = await startStockServer();
  for (const transport of ['websocket', 'polling'] as const) {
    const arrival = nextSocket(server);
    const wire = await connectTestWire(server.url, { transport });
    await arrival;
    const closing = wire.close();
    wire.drop();
    await closing;
    expect(wire.closing).toMatchObject({ by: 'client' });
  }
});

test('stops reading and goes on where it stopped', async () => {
  const server = await startStockServer();
  const arrival = nextSocket(server);
  const wire = await connectTestWire(server.url);
  const socket = await arrival;
  await wire.next('ready');
  wire.pause();
  socket.emit('missed', 1);
  const neighbour = await connectTestWire(server.url);
  expect(await neighbour.emitWithAck('ping')).toEqual({ ok: true });
  expect(wire.events.map(({ event }) => event)).toEqual(['ready']);
  wire.resume();
  expect(await wire.next('missed')).toMatchObject({ payload: 1 });
});

test('writes below the framing, on a WebSocket only', async () => {
  const server = await startStockServer();
  const wire = await connectTestWire(server.url);
  wire.writeBytes(Buffer.from([0xff, 0xff, 0xff]));
  expect(await wire.untilClosed()).toMatchObject({ by: 'server', code: 1002 });
  const polling = await connectTestWire(server.url, { transport: 'polling' });
  expect(() => polling.writeBytes(Buffer.from('x'))).toThrow('needs a WebSocket');
});

test('shows each packet as it came', async () => {
  const server = await startStockServer({ pingInterval: 30 });
  const wire = await openTestWire(server.url);
  const seen: string[] = [];
  wire.tap = ({ type, data }) => seen.push(`${type} ${String(data ?? '').replace(/\{.*\}/, '{…}')}`);
  await wire.connect();
  await expect.poll(() => seen, POLL).toContain('ping ');
  await wire.next('ready');
  expect(seen.filter((packet) => packet !== 'ping ')).toEqual(['message 0{…}', 'message 2["ready",{…}]']);
});
