import { expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { news, numbers, ROOM, startCrowd } from '../support/crowd.ts';
import { startPlainServer } from '../support/plain-server.ts';
import { connectRaw } from '../support/raw-texts.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

test('a client that polls gets everything in order', async () => {
  const { server, url, token } = await startServer();
  const client = await connectClient(url, { token: token('ann'), transports: ['polling'] });
  const seen: number[] = [];
  client.on('news', (number: number) => seen.push(number));
  for (const number of numbers(100)) {
    server.emitter.emit('news', number);
    if (number % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await until(() => seen.length === 100);
  expect(seen).toEqual(numbers(100));
});

test('a client that goes over to WebSocket in the middle of the stream misses nothing', async () => {
  const { server, url, token } = await startServer();
  const client = await connectClient(url, { token: token('ann'), transports: ['polling', 'websocket'] });
  const seen: number[] = [];
  client.on('news', (number: number) => seen.push(number));
  let sent = 0;
  while (sent < 200 || client.io.engine.transport.name !== 'websocket') {
    for (let event = 0; event < 3; event += 1) server.emitter.emit('news', sent++);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  for (let event = 0; event < 20; event += 1) server.emitter.emit('news', sent++);
  await until(() => seen.length === sent);
  expect(seen).toEqual(numbers(sent));
});

test('a client with compression gets everything in order, and compressed', async () => {
  const { io, client } = await startPlainServer({ perMessageDeflate: true });
  const text = 'x'.repeat(50_000);
  client.bytes = 0;
  for (const number of numbers(20)) io.emit('news', number % 3 === 0 ? text : number);
  await until(() => client.texts.length === 20);
  expect(client.texts).toEqual(numbers(20).map((number) => (number % 3 === 0 ? `2["news","${text}"]` : news(number))));
  expect(client.bytes).toBeLessThan(text.length);
});

test('whoever asks when a message is written is told, and the message keeps its place', async () => {
  const { server, client, socket } = await startCrowd();
  const conn = socket.conn as unknown as { write(text: string, ...more: unknown[]): void };
  const written: number[] = [];
  conn.write(news(0), () => written.push(0));
  server.emitter.emit('news', 1, ROOM);
  await until(() => written.length === 1, { what: 'the callback in place of options' });
  server.emitter.emit('news', 2, ROOM);
  conn.write(news(3), {}, () => written.push(3));
  server.emitter.emit('news', 4, ROOM);
  await client.sees(news(4));
  expect(client.texts).toEqual(numbers(5).map(news));
  await until(() => written.length === 2, { what: 'the callback' });
  expect(written).toEqual([0, 3]);
});

test('an application that watches the packets of a transport sees them all', async () => {
  const { server, client, socket } = await startCrowd();
  const watched: unknown[] = [];
  socket.conn.on('packetCreate', ({ data }) => watched.push(data));
  for (const number of numbers(3)) server.emitter.emit('news', number, ROOM);
  await client.sees(news(2));
  expect(watched).toEqual(numbers(3).map(news));
});

test.for([
  ['transport', '_onSent', 'the callbacks of a transport'],
  ['transport', 'perMessageDeflate', 'the state of a transport'],
  ['connection', 'upgrading', 'the queue of a connection'],
] as const)('where a %s has no %s, everything goes the ordinary way, and a debug line says so', async (missing) => {
  const [part, name, what] = missing;
  const { server, url, token, logs } = await startServer({ fastPath: true });
  server.io.engine.prependListener('connection', (conn: { transport: object }) => {
    Reflect.deleteProperty(part === 'transport' ? conn.transport : conn, name);
  });
  const client = await connectRaw(url, token('ann'));
  for (const number of numbers(20)) server.emitter.emit('news', number);
  await client.sees(news(19));
  expect(client.texts).toEqual(numbers(20).map(news));
  expect(logs.of('delivery.ordinary')).toMatchObject([{ reason: expect.stringContaining(what) }]);
});
