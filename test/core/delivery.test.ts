import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { news, numbers, ROOM, startCrowd } from '../support/crowd.ts';
import { connectRaw } from '../support/raw-texts.ts';
import { until } from '../support/until.ts';

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

  test('what is for all goes out before the goodbye of a server that stops', async () => {
    const { server, client } = await startCrowd();
    for (const number of numbers(50)) server.emitter.emit('news', number, ROOM);
    const closing = server.close();
    await until(() => client.isClosed, { what: 'the client is closed' });
    expect(client.texts).toEqual([...numbers(50).map(news), expect.stringContaining('"code":"SERVER_SHUTDOWN"')]);
    await closing;
  });

  test('and what was sent last goes out before the process ends', async () => {
    const child = fork(fileURLToPath(new URL('../support/sends-and-exits.js', import.meta.url)));
    onTestFinished(() => void child.kill('SIGKILL'));
    const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }];
    const client = await connectRaw(url, token);
    child.send('now');
    await client.sees(news(19));
    expect(client.texts).toEqual(numbers(20).map(news));
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
