import { describe, expect, test } from 'vitest';
import type { RealtimeServerOptions } from '../../src/index.ts';
import { startServer } from '../support/start-server.ts';
import { openRawSocket, Polling } from './raw-clients.ts';

/** Answers with the bytes that it was sent. */
const echo = {
  name: 'echo',
  handlers: { echo: (payload: unknown) => ({ payload }), bytes: () => ({ bytes: Buffer.from([1, 2, 3]) }) },
};
const options: Partial<RealtimeServerOptions> = { modules: [echo] };
const start = (more: Partial<RealtimeServerOptions> = {}) => startServer({ ...options, ...more });

describe('the handshake', () => {
  test('over polling is an open packet that offers the upgrade and tells the limits', async () => {
    const { url } = await start({
      engine: { pingInterval: 11_000, pingTimeout: 7_000 },
      limits: { payloadBytes: 12_345 },
    });
    const [packet = ''] = await (await Polling.open(url)).opened;
    expect(packet.charAt(0)).toBe('0');
    expect(JSON.parse(packet.slice(1))).toEqual({
      sid: expect.stringMatching(/^[\w-]{20}$/),
      upgrades: ['websocket'],
      pingInterval: 11_000,
      pingTimeout: 7_000,
      maxPayload: 12_345,
    });
  });

  test('over a WebSocket has no upgrades', async () => {
    const { url } = await start();
    const socket = await openRawSocket(url);
    expect(JSON.parse((await socket.next()).slice(1))).toMatchObject({ upgrades: [], pingInterval: 25_000 });
  });

  test('of the namespace answers CONNECT with an id of its own, then comes ready', async () => {
    const { url, token } = await start();
    const socket = await openRawSocket(url);
    const { sid } = JSON.parse((await socket.next()).slice(1)) as { sid: string };
    socket.send(`40${JSON.stringify({ token: token('42') })}`);
    const answer = await socket.next();
    expect(answer).toMatch(/^40\{"sid":"[\w-]{20}"/);
    expect(answer).not.toContain(sid);
    expect(await socket.next()).toMatch(/^42\["ready",\{"socketId":/);
  });

  test('that is refused answers with CONNECT_ERROR, an object of message and data', async () => {
    const { url } = await start();
    const socket = await openRawSocket(url);
    await socket.next();
    socket.send('40');
    const answer = await socket.next();
    expect(answer.slice(0, 2)).toBe('44');
    expect(JSON.parse(answer.slice(2))).toMatchObject({
      message: 'Authentication required',
      data: { code: 'UNAUTHENTICATED', retry: false },
    });
    await socket.closed;
  });
});

describe('the heartbeat of the transport', () => {
  const engine = { pingInterval: 200, pingTimeout: 5_000 };

  test('is a ping of the server that the client answers, over a WebSocket', async () => {
    const { url, token } = await start({ engine });
    const socket = await openRawSocket(url, token('42'));
    for (let round = 0; round < 3; round += 1) {
      expect(await socket.next()).toBe('2');
      socket.send('3');
    }
  });

  test('and over polling', async () => {
    const { url, token } = await start({ engine });
    const polling = await Polling.open(url, token('42'));
    for (let round = 0; round < 3; round += 1) {
      expect(await polling.poll()).toEqual(['2']);
      expect(await polling.post('3')).toBe('ok');
    }
  });

  test('that is not answered ends the connection', async () => {
    const { url, token, logs } = await start({ engine: { pingInterval: 1_000, pingTimeout: 500 } });
    const socket = await openRawSocket(url, token('42'));
    await socket.closed;
    expect(await logs.next('connection.closed')).toMatchObject({ code: 'TRANSPORT_LOST', reason: 'ping timeout' });
  });

  test('is not a matter of the client: its ping ends the connection', async () => {
    const { url } = await start();
    const socket = await openRawSocket(url);
    socket.send('2');
    await socket.closed;
  });
});

describe('acknowledgements', () => {
  test.each([0, 7, 2_147_483_648])('carry the id of their event, %i', async (id) => {
    const { url, token } = await start();
    const socket = await openRawSocket(url, token('42'));
    socket.send(`42${id}["ping"]`);
    const answer = await socket.next();
    expect(answer.startsWith(`43${id}[`)).toBe(true);
    expect(JSON.parse(answer.slice(2 + String(id).length))).toMatchObject([{ ok: true }]);
  });

  test('come only where they were asked for', async () => {
    const { url, token } = await start();
    const socket = await openRawSocket(url, token('42'));
    socket.send('42["room:join",{"room":"a"}]');
    socket.send('421["room:join",{"room":"b"}]');
    const answer = await socket.next();
    expect(answer.slice(0, 3)).toBe('431');
    expect(JSON.parse(answer.slice(3))).toEqual([{ ok: true, room: 'b' }]);
  });

  test('are asked for by the server with an id too', async () => {
    const { url, token, server } = await start();
    const socket = await openRawSocket(url, token('42'));
    const acks = server.emitter.emitWithAck('question', { a: 1 }, { users: ['42'] }, { timeoutMs: 10_000 });
    const [, id, payload] = /^42(\d+)(\[.*)$/.exec(await socket.next()) ?? [];
    expect(JSON.parse(payload ?? '')).toEqual(['question', { a: 1 }]);
    socket.send(`43${id}["answer"]`);
    expect(await acks).toMatchObject([{ ok: true, value: 'answer' }]);
  });
});

describe('binary', () => {
  test('events go out as a packet with placeholders and one frame for each attachment', async () => {
    const { url, token, server } = await start();
    const socket = await openRawSocket(url, token('42'));
    server.emitter.emit('picture', { a: Buffer.from([1]), b: [Buffer.from([2, 3])] });
    expect(await socket.next()).toBe(
      '452-["picture",{"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1}]}]',
    );
    expect([await socket.next(), await socket.next()]).toEqual(['bytes 01', 'bytes 0203']);
  });

  test('events come in the same way, and are acknowledged with attachments', async () => {
    const { url, token } = await start();
    const socket = await openRawSocket(url, token('42'));
    socket.send('451-8["echo",{"_placeholder":true,"num":0}]');
    socket.send(Buffer.from([9, 8]));
    const answer = await socket.next();
    expect(answer.slice(0, 5)).toBe('461-8');
    expect(JSON.parse(answer.slice(5))).toEqual([{ ok: true, payload: { _placeholder: true, num: 0 } }]);
    expect(await socket.next()).toBe('bytes 0908');
  });

  test('is base64 over polling, in both directions', async () => {
    const { url, token } = await start();
    const polling = await Polling.open(url, token('42'));
    await polling.post('451-8["echo",{"_placeholder":true,"num":0}]\x1ebCQg=');
    const [answer = '', attachment] = await polling.poll();
    expect(answer.slice(0, 5)).toBe('461-8');
    expect(JSON.parse(answer.slice(5))).toEqual([{ ok: true, payload: { _placeholder: true, num: 0 } }]);
    expect(attachment).toBe('bCQg=');
  });
});

describe('namespaces', () => {
  test('that are not there are refused, and the transport stays', async () => {
    const { url, token } = await start();
    const socket = await openRawSocket(url, token('42'));
    socket.send('40/nowhere,');
    expect(await socket.next()).toBe('44/nowhere,{"message":"Invalid namespace"}');
    socket.send('425["ping"]');
    expect(await socket.next()).toMatch(/^435/);
  });

  test('can be left and entered again on the same transport', async () => {
    const { url, token, logs } = await start();
    const socket = await openRawSocket(url, token('42'));
    socket.send('41');
    // Socket.IO takes the goodbye a moment later, and a CONNECT before that for a mistake.
    await logs.next('connection.closed');
    socket.send(`40${JSON.stringify({ token: token('42') })}`);
    expect(await socket.next()).toMatch(/^40\{"sid":/);
    expect(await socket.next()).toMatch(/^42\["ready"/);
  });

  test('must be entered first: an event before CONNECT ends the connection', async () => {
    const { url } = await start();
    const socket = await openRawSocket(url);
    socket.send('42["ping"]');
    await socket.closed;
  });
});
