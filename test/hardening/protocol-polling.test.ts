import { describe, expect, test } from 'vitest';
import { startServer } from '../support/start-server.ts';
import { openRawSocket, Polling } from './raw-clients.ts';

describe('a polling payload', () => {
  test('may hold several packets, which are handled in their order', async () => {
    const { url, token } = await startServer();
    const polling = await Polling.open(url, token('42'));
    expect(
      await polling.post(
        ['421["room:join",{"room":"a"}]', '422["room:leave",{"room":"a"}]', '423["ping"]'].join('\x1e'),
      ),
    ).toBe('ok');
    const packets: string[] = [];
    while (packets.length < 3) packets.push(...(await polling.poll()));
    expect(packets.map((packet) => packet.slice(0, 3))).toEqual(['431', '432', '433']);
  });

  test('of the server holds all that waited', async () => {
    const { url, token, server } = await startServer();
    const polling = await Polling.open(url, token('42'));
    // What is asked for and what is emitted while no poll waits.
    server.emitter.emit('first', null);
    server.emitter.emit('second', null);
    expect(await polling.poll()).toEqual(['42["first",null]', '42["second",null]']);
  });

  test('with bytes of several lengths per character arrives whole', async () => {
    const { url, token } = await startServer();
    const polling = await Polling.open(url, token('42'));
    await polling.post('421["room:join",{"room":"я😀"}]');
    const [answer = ''] = await polling.poll();
    expect(JSON.parse(answer.slice(3))).toEqual([{ ok: true, room: 'я😀' }]);
  });
});

describe('the end by the client', () => {
  test('is a close packet over polling, which also ends a waiting poll', async () => {
    const { url, token, logs } = await startServer();
    const polling = await Polling.open(url, token('42'));
    const waiting = polling.poll();
    await polling.post('1');
    expect(['6', '1']).toContain((await waiting)[0]);
    expect(await logs.next('connection.closed')).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect((await fetch(polling.url)).status).toBe(400);
  });

  test('is the close of a WebSocket', async () => {
    const { url, token, logs } = await startServer();
    const socket = await openRawSocket(url, token('42'));
    socket.close();
    await socket.closed;
    expect(await logs.next('connection.closed')).toMatchObject({ userId: '42', code: 'CLIENT_CLOSED' });
  });
});

describe('the upgrade', () => {
  test('is probed, frees the waiting poll with a noop, and moves the session', async () => {
    const { url, token, request, server } = await startServer();
    const polling = await Polling.open(url, token('42'));
    const waiting = polling.poll();
    const socket = await openRawSocket(url, undefined, `&sid=${polling.sid}`);
    socket.send('2probe');
    expect(await socket.next()).toBe('3probe');
    expect(await waiting).toEqual(['6']);
    socket.send('5');
    socket.send('421["ping"]');
    expect(await socket.next()).toMatch(/^431\[\{.*"ok":true/);
    expect(await (await request('/api/sockets')).json()).toMatchObject({ items: [{ transport: 'websocket' }] });
    server.emitter.emit('news', 1);
    expect(await socket.next()).toBe('42["news",1]');
  });

  test('loses no event that is emitted meanwhile', async () => {
    const { url, token, server } = await startServer();
    const polling = await Polling.open(url, token('42'));
    const waiting = polling.poll();
    const socket = await openRawSocket(url, undefined, `&sid=${polling.sid}`);
    socket.send('2probe');
    await socket.next();
    await waiting;
    server.emitter.emit('news', 1);
    socket.send('5');
    expect(await socket.next()).toBe('42["news",1]');
  });

  test('that goes wrong leaves the polling session as it was', async () => {
    const { url, token } = await startServer();
    const polling = await Polling.open(url, token('42'));
    const socket = await openRawSocket(url, undefined, `&sid=${polling.sid}`);
    socket.send('garbage');
    await socket.closed;
    await polling.post('421["ping"]');
    expect((await polling.poll())[0]).toMatch(/^431/);
  });
});

/** What engine.io calls its errors; clients go by them. */
const BAD_REQUESTS: readonly [name: string, method: string, query: string, code: number][] = [
  ['an unknown transport', 'GET', 'EIO=4&transport=carrier-pigeon', 0],
  ['an unknown session', 'GET', 'EIO=4&transport=polling&sid=unknown', 1],
  ['an unknown session that is posted to', 'POST', 'EIO=4&transport=polling&sid=unknown', 1],
  ['a session like a prototype', 'GET', 'EIO=4&transport=polling&sid=__proto__', 1],
  ['a handshake by POST', 'POST', 'EIO=4&transport=polling', 2],
  ['an old version', 'GET', 'EIO=3&transport=polling', 5],
  ['a WebSocket session without an upgrade', 'GET', 'EIO=4&transport=websocket', 3],
];

test.each(BAD_REQUESTS)('%s is refused with 400 and its code', async (_name, method, query, code) => {
  const { url } = await startServer();
  const answer = await fetch(new URL(`/socket.io/?${query}`, url), { method });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code, message: expect.any(String) });
});

test('two polls at once end the session: one of them is not its own', async () => {
  const { url, token, logs } = await startServer();
  const polling = await Polling.open(url, token('42'));
  await Promise.all([fetch(polling.url), fetch(polling.url)].map((poll) => poll.catch(() => {})));
  expect(await logs.next('connection.closed')).toMatchObject({ userId: '42' });
});

test('the session of one WebSocket cannot be taken over by another', async () => {
  const { url, token } = await startServer();
  const socket = await openRawSocket(url);
  const { sid } = JSON.parse((await socket.next()).slice(1)) as { sid: string };
  socket.send(`40${JSON.stringify({ token: token('42') })}`);
  await socket.next();
  await socket.next();
  const polled = await fetch(new URL(`/socket.io/?EIO=4&transport=polling&sid=${sid}`, url));
  expect(polled.status).toBe(400);
  const thief = await openRawSocket(url, undefined, `&sid=${sid}`).catch(() => undefined);
  thief?.send('2probe');
  socket.send('421["ping"]');
  expect(await socket.next()).toMatch(/^431/);
});
