import { describe, expect, test } from 'vitest';
import { fill, news, numbers, ROOM, startCrowd, tcpOf } from '../support/crowd.ts';
import { startPlainServer } from '../support/plain-server.ts';
import { until } from '../support/until.ts';

describe('a client that does not read', () => {
  const text = 'x'.repeat(50_000);

  test('has what waits for it counted, gets it in order later, and no volatile event meanwhile', async () => {
    const crowd = await startCrowd({ limits: { bufferedBytes: '100MiB' } });
    const { server, client, socket, tcp, request } = crowd;
    client.pause();
    const sent = await fill(tcp, () => server.emitter.emit('filler', text, ROOM));
    server.io.to('crowd').volatile.emit('volatile', 1);
    socket.volatile.emit('volatile', 2);
    server.io.to('crowd').volatile.emit('volatile', Buffer.alloc(3));
    socket.volatile.emit('volatile', Buffer.alloc(3));
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
    expect(client.texts.filter((each) => each.includes('"volatile"') || each.endsWith('bytes'))).toEqual([]);
    server.io.to('crowd').volatile.emit('volatile', 4);
    await client.sees('["volatile",4]');
  });

  test('is closed when that is too much', async () => {
    const crowd = await startCrowd({ limits: { bufferedBytes: '200kB' } });
    const send = () => crowd.server.emitter.emit('filler', text, ROOM);
    crowd.client.pause();
    await fill(crowd.tcp, send);
    for (let count = 0; count < 10; count += 1) send();
    await until(() => crowd.logs.of('connection.closed').some(({ code }) => code === 'SLOW_CONSUMER'));
  });

  test('gets everything before it is disconnected, when it reads again', async () => {
    const { io, client, socket } = await startPlainServer();
    client.pause();
    const sent = await fill(tcpOf(socket), () => io.emit('filler', text));
    for (const number of numbers(20)) io.emit('news', number);
    socket.disconnect(true);
    client.resume();
    await until(() => client.isClosed, { what: 'the client is closed' });
    expect(client.texts.slice(sent)).toEqual([...numbers(20).map(news), '1']);
  });
});
