import { describe, expect, test } from 'vitest';
import type { RealtimeServer } from '../../src/index.ts';
import { connectClient } from '../support/connect.ts';
import { connectRaw } from '../support/raw-texts.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const ROOM = { rooms: ['crowd'] };
const news = (number: number) => `2["news",${number}]`;
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

/** A server, and a client that sees every packet, in the room `crowd`. */
async function startCrowd(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer(options);
  const client = await connectRaw(started.url, started.token('ann'));
  const socket = socketOf(started.server, 'ann');
  socket.join('crowd');
  return { ...started, client, socket, tcp: tcpOf(socket) };
}

function socketOf({ io }: RealtimeServer, userId: string) {
  const found = [...io.sockets.sockets.values()].find(({ data }) => data.userId === userId);
  if (found === undefined) throw new Error(`${userId} is not connected`);
  return found;
}

/** The TCP socket below a WebSocket, which has no public name. */
function tcpOf({ conn }: ReturnType<typeof socketOf>) {
  const { transport } = conn as unknown as { transport: { socket: { _socket: import('node:net').Socket } } };
  return transport.socket._socket;
}

describe('in one turn of the event loop', () => {
  test('messages of every kind reach a client in the order in which they were sent', async () => {
    const { server, client, socket } = await startCrowd();
    client.send('21["question"]');
    socket.on('question', (reply) => {
      server.emitter.emit('news', 0, ROOM);
      socket.emit('news', 1);
      reply('answer');
      server.emitter.emit('news', 2, { users: ['ann'] });
      server.io.local.emit('news', 3);
      socket.emit('news', 4, () => {});
      server.io.to('crowd').emit('news', 5);
    });
    await client.sees('5]');
    const question = expect.stringMatching(/^2\d*\["news",4\]$/);
    expect(client.texts).toEqual([news(0), news(1), '31["answer"]', news(2), news(3), question, news(5)]);
  });

  test('and are written once', async () => {
    const { server, client } = await startCrowd({ fastPath: true });
    client.reads = 0;
    for (const number of numbers(20)) server.emitter.emit('news', number, ROOM);
    await client.sees(news(19));
    expect([client.texts, client.reads]).toEqual([numbers(20).map(news), 1]);
  });

  test('binary messages keep their place among the others, and their attachments', async () => {
    const { server, client, socket } = await startCrowd();
    server.emitter.emit('news', 0, ROOM);
    server.emitter.emit('bytes', { of: [Buffer.alloc(3), Buffer.alloc(4)] }, ROOM);
    server.emitter.emit('news', 1, ROOM);
    socket.emit('bytes', Buffer.alloc(5));
    socket.emit('news', 2);
    await client.sees(news(2));
    expect(client.texts).toEqual([
      news(0),
      expect.stringContaining('52-["bytes"'),
      ...['3 bytes', '4 bytes', news(1)],
      expect.stringContaining('51-["bytes"'),
      ...['5 bytes', news(2)],
    ]);
  });

  test('what is for a client that is then closed goes out before its goodbye', async () => {
    const { server, client } = await startCrowd();
    for (const number of numbers(50)) server.emitter.emit('news', number, ROOM);
    server.users.disconnectUser('ann');
    server.emitter.emit('news', 50, ROOM);
    await until(() => client.isClosed, { what: 'the client is closed' });
    expect(client.texts).toEqual([...numbers(50).map(news), expect.stringContaining('2["closing",'), '1']);
  });

  test('a receiver whose connection fails in the middle of a fan-out harms no other', async () => {
    const { server, tcp, url, token } = await startCrowd();
    const others = [await connectRaw(url, token('bob')), await connectRaw(url, token('cid'))];
    for (const number of numbers(10)) {
      if (number === 5) tcp.destroy(new Error('reset'));
      expect(server.emitter.emit('news', number)).toMatchObject({ ok: true });
    }
    for (const other of others) {
      await other.sees(news(9));
      expect(other.texts).toEqual(numbers(10).map(news));
    }
    await until(() => server.io.sockets.sockets.size === 2, { what: 'the failed one is gone' });
  });
});

test.for([0, 1, 120, 121, 130, 65_530, 65_540, 90_000])('a text of %i bytes arrives whole', async (length) => {
  const { server, client, socket } = await startCrowd();
  const text = 'ä'.repeat(length / 2) + 'x'.repeat(length % 2);
  socket.emit('news', text);
  server.emitter.emit('news', text, ROOM);
  await until(() => client.texts.length === 2);
  expect(client.texts).toEqual(Array(2).fill(`2${JSON.stringify(['news', text])}`));
});

test('it does not matter who decides on the receivers, or when', async () => {
  const { server, client } = await startCrowd();
  const { adapter } = server.io.of('/');
  const broadcast = adapter.broadcast.bind(adapter);
  // As an adapter does whose events come from another node.
  adapter.broadcast = (packet, options) => void setImmediate(broadcast, packet, options);
  for (const number of numbers(20)) server.emitter.emit('news', number, ROOM);
  await client.sees(news(19));
  expect(client.texts).toEqual(numbers(20).map(news));
});

describe('a client that does not read', () => {
  const text = 'x'.repeat(50_000);

  /** Sends until neither kernel takes more. */
  async function fill({ server, tcp }: Awaited<ReturnType<typeof startCrowd>>) {
    for (let sent = 0; ; sent += 1) {
      if (tcp.writableLength > 0 && tcp.writableCorked === 0) return sent;
      server.emitter.emit('filler', text, ROOM);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  test('has what waits for it counted, gets it in order later, and no volatile event meanwhile', async () => {
    const crowd = await startCrowd({ limits: { bufferedBytes: '100MiB' } });
    const { server, client, socket, request } = crowd;
    client.pause();
    const sent = await fill(crowd);
    server.io.to('crowd').volatile.emit('volatile', 1);
    socket.volatile.emit('volatile', 2);
    for (const number of numbers(20)) server.emitter.emit('news', number, ROOM);
    socket.emit('news', 20);
    server.io.to('crowd').volatile.emit('volatile', 3);
    for (const number of numbers(20)) server.emitter.emit('filler', `${number}${text}`, ROOM);
    const { items } = (await (await request('/api/sockets')).json()) as { items: { bufferedBytes: number }[] };
    expect(items[0]?.bufferedBytes).toBeGreaterThan(20 * text.length);
    client.resume();
    await client.sees('"filler","19x');
    expect(client.texts.filter((each) => each.startsWith('2["news"'))).toEqual(numbers(21).map(news));
    expect(client.texts.filter((each) => each.startsWith('2["filler"'))).toHaveLength(sent + 20);
    expect(client.texts.filter((each) => each.startsWith('2["volatile"'))).toEqual([]);
    server.io.to('crowd').volatile.emit('volatile', 4);
    await client.sees('["volatile",4]');
  });

  test('is closed when that is too much', async () => {
    const crowd = await startCrowd({ limits: { bufferedBytes: '200kB' } });
    crowd.client.pause();
    await fill(crowd);
    for (let count = 0; count < 10; count += 1) crowd.server.emitter.emit('filler', text, ROOM);
    await until(() => crowd.logs.of('connection.closed').some(({ code }) => code === 'SLOW_CONSUMER'));
  });
});

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

test('an application that watches the packets of a transport sees them all', async () => {
  const { server, client, socket } = await startCrowd();
  const watched: unknown[] = [];
  socket.conn.on('packetCreate', ({ data }) => watched.push(data));
  for (const number of numbers(3)) server.emitter.emit('news', number, ROOM);
  await client.sees(news(2));
  expect(watched).toEqual(numbers(3).map(news));
});

test('where the parts below are not made as expected, everything goes the ordinary way, and a debug line says so', async () => {
  const { server, url, token, logs } = await startServer({ fastPath: true });
  server.io.engine.prependListener('connection', ({ transport }: { transport: object }) => {
    Object.assign(transport, { _onSent: undefined });
  });
  const client = await connectRaw(url, token('ann'));
  for (const number of numbers(20)) server.emitter.emit('news', number);
  await client.sees(news(19));
  expect(client.texts).toEqual(numbers(20).map(news));
  expect(logs.of('delivery.ordinary')).toMatchObject([{ reason: expect.stringContaining('the WebSocket of') }]);
});
