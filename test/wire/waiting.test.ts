import type { Socket } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import type { Wire } from '../../src/wire/wire.ts';
import type { WireOptions } from '../../src/wire/wire-options.ts';
import { connectTestWire, openTestWire, POLL, startStockServer } from './stock-server.ts';

async function createPair(options: WireOptions = {}): Promise<{ wire: Wire; socket: Socket }> {
  const server = await startStockServer();
  const arrival = new Promise<Socket>((resolve) => server.io.once('connection', resolve));
  const wire = await connectTestWire(server.url, options);
  return { wire, socket: await arrival };
}

test('an event that came before anybody asked is not missed', async () => {
  const { wire, socket } = await createPair();
  socket.emit('early', 1);
  await wire.emitWithAck('ping');
  expect(await wire.next('early', { timeoutMs: 0 })).toMatchObject({ event: 'early', payload: 1, index: 1 });
});

test('each event is given out once, in order of arrival', async () => {
  const { wire, socket } = await createPair();
  for (const n of [1, 2, 3]) socket.emit('n', n);
  expect((await wire.next('n', { match: (n: number) => n > 1 })).payload).toBe(2);
  expect((await wire.next('n')).payload).toBe(1);
  const [third, fourth] = [wire.next('n'), wire.next('n')];
  socket.emit('n', 4);
  expect([(await third).payload, (await fourth).payload]).toEqual([3, 4]);
});

test('what came before a mark can be left out', async () => {
  const { wire, socket } = await createPair();
  socket.emit('n', 'old');
  await wire.emitWithAck('ping');
  const since = wire.mark;
  const fresh = wire.next('n', { since });
  socket.emit('n', 'new');
  expect((await fresh).payload).toBe('new');
});

test('silence is shown by a round trip and a look at what came', async () => {
  const { wire, socket } = await createPair();
  socket.emit('other', 1);
  await wire.emitWithAck('ping');
  expect(await wire.nextOrNothing('x', { timeoutMs: 0 })).toBeUndefined();
  expect(await wire.nextOrNothing('other', { timeoutMs: 0 })).toMatchObject({ payload: 1 });
});

test('silence of a connection that ended proves nothing', async () => {
  const { wire, socket } = await createPair();
  const silence = wire.nextOrNothing('x');
  socket.conn.close();
  await expect(silence).rejects.toMatchObject({ kind: 'closed' });
});

test('a wait that runs out says what was awaited and what came instead', async () => {
  const { wire, socket } = await createPair();
  for (const n of [1, 2]) socket.emit('n', n);
  await wire.emitWithAck('ping');
  await expect(wire.next('x', { timeoutMs: 10 })).rejects.toThrow(
    /^Waited 10ms for the event "x"; seen instead: ready, n ×2/,
  );
  await expect(wire.emitWithAck('nobody', 1, { timeoutMs: 10 })).rejects.toThrow(
    /^Waited 10ms for the acknowledgement of "nobody"; seen instead: ready, n ×2/,
  );
  await expect(wire.untilClosed({ timeoutMs: 10 })).rejects.toThrow(/it is still open; seen: ready, n ×2/);
  await expect(wire.untilDisconnected({ timeoutMs: 10 })).rejects.toThrow(/for the server to disconnect \//);
});

test('a CONNECT that is never answered runs out, too', async () => {
  const server = await startStockServer();
  server.io.use(() => {});
  const wire = await openTestWire(server.url);
  await expect(wire.connect({ timeoutMs: 10 })).rejects.toThrow(
    /^Waited 10ms for the answer to CONNECT in \/; seen instead: nothing/,
  );
});

test('the deadline of one CONNECT leaves another for the same namespace alone', async () => {
  const server = await startStockServer();
  const admissions: (() => void)[] = [];
  server.io.use((_socket, next) => void admissions.push(next));
  const wire = await openTestWire(server.url);
  const [first, second] = [wire.connect({ timeoutMs: 10 }), wire.connect()];
  await expect(first).rejects.toMatchObject({ kind: 'timeout' });
  await expect.poll(() => admissions.length, POLL).toBe(2);
  admissions[1]?.();
  expect(await second).toMatchObject({ ok: true });
});

test('the end of the connection ends every wait', async () => {
  const server = await startStockServer();
  server.io.of('/slow').use(() => {});
  const wire = await connectTestWire(server.url);
  const waits = [wire.next('x'), wire.emitWithAck('x'), wire.connect({ namespace: '/slow' })];
  const ends = [wire.closed, wire.untilClosed()];
  server.io.disconnectSockets(true);
  for (const wait of waits) await expect(wait).rejects.toMatchObject({ kind: 'closed' });
  for (const end of ends) expect(await end).toBe(wire.closing);
  await expect(wire.next('x')).rejects.toMatchObject({ kind: 'closed' });
  await expect(wire.emitWithAck('x')).rejects.toMatchObject({ kind: 'closed' });
  await expect(wire.connect()).rejects.toMatchObject({ kind: 'closed' });
  expect((await wire.next('ready')).event).toBe('ready');
});

test('a wait that nobody comes back for does not end the process', async () => {
  const { wire, socket } = await createPair();
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listen);
  onTestFinished(() => {
    process.off('unhandledRejection', listen);
  });
  for (const timeoutMs of [0, 5_000]) {
    wire.next('x', { timeoutMs });
    wire.nextOrNothing('x', { timeoutMs });
    wire.emitWithAck('x', 1, { timeoutMs });
    wire.connect({ namespace: `/slow-${timeoutMs}`, timeoutMs });
    wire.untilClosed({ timeoutMs });
  }
  await wire.emitWithAck('ping');
  socket.conn.close();
  await wire.closed;
  wire.next('x');
  wire.connect();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});

test('an answer that comes too late, or twice, is counted as stray', async () => {
  const { wire, socket } = await createPair();
  const asked = new Promise<(text: string) => void>((resolve) => socket.on('slow', resolve));
  await expect(wire.emitWithAck('slow', undefined, { timeoutMs: 20 })).rejects.toMatchObject({ kind: 'timeout' });
  const answer = await asked;
  answer('late');
  await wire.emitWithAck('ping');
  expect(wire.counts.strayAcks).toBe(1);
});

test('only as many events are kept as told, and all are counted', async () => {
  const { wire, socket } = await createPair({ record: 3 });
  for (const n of [1, 2, 3, 4, 5]) socket.emit('n', n);
  await wire.emitWithAck('ping');
  expect(wire.events.map(({ payload }) => payload)).toEqual([3, 4, 5]);
  expect(wire.counts.events).toBe(6);
});

test('without a record events are counted, and those that somebody waits or listens for still come', async () => {
  const { wire, socket } = await createPair({ record: 0 });
  socket.emit('n', 1);
  await wire.emitWithAck('ping');
  expect(wire.events).toEqual([]);
  expect(wire.counts.events).toBe(2);

  const next = wire.next('n');
  socket.emit('n', 2);
  expect(await next).toMatchObject({ payload: 2, index: 2 });

  const heard: unknown[] = [];
  const stop = wire.onEvent(({ payload }, from) => heard.push(payload, from === wire));
  socket.emit('n', 3);
  await wire.emitWithAck('ping');
  stop();
  socket.emit('n', 4);
  await wire.emitWithAck('ping');
  expect(heard).toEqual([3, true]);
  expect(wire.counts.events).toBe(5);
});

test('packets that cannot be read are counted and do no harm', async () => {
  const { wire, socket } = await createPair();
  for (const text of ['2{', '9', '5x-["a"]', '451-["x",{"_placeholder":true,"num":7}]']) {
    socket.conn.write(text);
  }
  socket.conn.write(Buffer.from([1]) as never);
  expect(await wire.emitWithAck('ping')).toEqual({ ok: true });
  expect(wire.counts.invalid).toBeGreaterThanOrEqual(4);
});
