import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectClient } from '../support/connect.ts';
import { expectNoEvent, nextEvent, roundTrip, takeEvents } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

test('sends to users, rooms and sockets, and counts them', async () => {
  const { url, token, request } = await startServer();
  const ann = await connectClient(url, { token: token('ann') });
  const bob = await connectClient(url, { token: token('bob') });
  const cid = await connectClient(url, { token: token('cid') });
  await bob.emitWithAck('room:join', { room: 'red' });
  const to = { users: ['ann'], rooms: ['red', 'user:ann'], sockets: [cid.ready.socketId] };
  const emit = async (body: object) => (await request('/api/emit', { body: { event: 'note', ...body } })).json();
  expect(await emit({ payload: 1, to })).toEqual({ ok: true, recipients: 3 });
  expect(await emit({ payload: 2 })).toEqual({ ok: true, recipients: 3 });
  expect(await emit({ payload: 3, to: 'all' })).toEqual({ ok: true, recipients: 3 });
  expect(await emit({ payload: 4, to: { users: [] } })).toEqual({ ok: true, recipients: 0 });
  expect(await emit({ payload: 5, to, except: { users: ['bob'] } })).toEqual({ ok: true, recipients: 2 });
  expect(await emit({ payload: 6, except: { rooms: ['red'], sockets: [cid.ready.socketId] } })).toEqual({
    ok: true,
    recipients: 1,
  });
  expect(await emit({ payload: 7, to: { users: ['nobody'] } })).toEqual({ ok: true, recipients: 0 });
  for (const socket of [ann, bob, cid]) await roundTrip(socket);
  expect(takeEvents(ann, 'note')).toEqual([1, 2, 3, 5, 6]);
  expect(takeEvents(bob, 'note')).toEqual([1, 2, 3]);
  expect(takeEvents(cid, 'note')).toEqual([1, 2, 3, 5]);
});

test('goes to everyone only where that is said: a target that names nobody is refused, and nobody gets it', async () => {
  const { url, token, request } = await startServer();
  const socket = await connectClient(url, { token: token('42') });
  for (const body of [{ event: 'note', to: {} }, [{ event: 'note' }, { event: 'note', to: {} }]]) {
    const response = await request('/api/emit', { body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'PAYLOAD_INVALID',
      detail: expect.stringMatching(/to: names no users, rooms or sockets; everyone is "all"$/),
    });
  }
  await expectNoEvent(socket, 'note');
  const others = { event: 'note', payload: 1, to: { except: { users: ['43'] } } };
  expect(await (await request('/api/emit', { body: others })).json()).toEqual({ ok: true, recipients: 1 });
  expect(await nextEvent(socket, 'note')).toBe(1);
});

test('sends any JSON, and null where there is no payload', async () => {
  const { url, token, request } = await startServer();
  const socket = await connectClient(url, { token: token('42') });
  for (const payload of [null, false, 0, '', [], { a: [1, { b: null }] }, 'Zoë 🎉']) {
    await request('/api/emit', { body: { event: 'note', payload } });
    expect(await nextEvent(socket, 'note')).toEqual(payload);
  }
  await request('/api/emit', { body: { event: 'note' } });
  expect(await nextEvent(socket, 'note')).toBeNull();
});

test('passes __proto__ in a payload on as it is, and harms nobody', async () => {
  const { url, token, adminToken } = await startServer();
  const socket = await connectClient(url, { token: token('42') });
  const payload = '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}';
  const response = await fetch(new URL('/api/emit', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: `{"event":"note","payload":${payload}}`,
  });
  expect(response.status).toBe(200);
  expect(JSON.stringify(await nextEvent(socket, 'note'))).toBe(payload);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

describe('a list', () => {
  test('is sent in order, with a result for each in order', async () => {
    const { url, token, request } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const body = Array.from({ length: 1_000 }, (_, n) => ({
      event: 'note',
      payload: n,
      to: n % 2 === 0 ? { users: ['42'] } : { users: ['43'] },
    }));
    const results = await (await request('/api/emit', { body })).json();
    expect(results).toEqual(body.map((_, n) => ({ ok: true, recipients: n % 2 === 0 ? 1 : 0 })));
    await roundTrip(socket);
    expect(takeEvents(socket, 'note')).toEqual(Array.from({ length: 500 }, (_, n) => 2 * n));
  });

  test('goes on after one that failed', async () => {
    const { url, token, request } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const body = [{ event: 'note', payload: 1 }, { event: 'connect' }, { event: 'note', payload: 2 }];
    const response = await request('/api/emit', { body });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject([
      { ok: true, recipients: 1 },
      { ok: false, reason: 'EVENT_RESERVED' },
      { ok: true, recipients: 1 },
    ]);
    await roundTrip(socket);
    expect(takeEvents(socket, 'note')).toEqual([1, 2]);
  });
});

describe('acknowledgements', () => {
  test('are part of the answer', async () => {
    const { url, token, request } = await startServer();
    const quick = await connectClient(url, { token: token('ann') });
    const mute = await connectClient(url, { token: token('bob') });
    quick.on('ask', (payload, answer) => answer({ got: payload }));
    const body = { event: 'ask', payload: 7, ack: { timeoutMs: 300 } };
    const answer = (await (await request('/api/emit', { body })).json()) as { acks: { userId: string }[] };
    expect(answer).toEqual({ ok: true, recipients: 2, acks: expect.any(Array) });
    expect(answer.acks.sort((a, b) => (a.userId < b.userId ? -1 : 1))).toEqual([
      { socketId: quick.ready.socketId, userId: 'ann', ok: true, value: { got: 7 } },
      {
        socketId: mute.ready.socketId,
        userId: 'bob',
        ok: false,
        error: { code: 'ACK_TIMEOUT', message: expect.any(String) },
      },
    ]);
  });

  test('in a list are asked for at once, not one after the other', async () => {
    const { url, token, request } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const waiting: ((value: unknown) => void)[] = [];
    socket.on('ask', (payload, answer) => {
      waiting.push(() => answer(payload));
      // The first is answered only when the last has come.
      if (waiting.length === 5) for (const reply of waiting) reply(undefined);
    });
    const body = Array.from({ length: 5 }, (_, payload) => ({ event: 'ask', payload, ack: { timeoutMs: 20_000 } }));
    const results = await (await request('/api/emit', { body })).json();
    expect(results).toMatchObject(body.map(({ payload }) => ({ ok: true, acks: [{ ok: true, value: payload }] })));
  });

  test('of nobody are an empty list', async () => {
    const { request } = await startServer();
    const body = { event: 'ask', ack: {} };
    expect(await (await request('/api/emit', { body })).json()).toEqual({ ok: true, recipients: 0, acks: [] });
  });
});

describe('refuses', () => {
  test.each(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])(
    'the reserved name %s with 400 EVENT_RESERVED',
    async (event) => {
      const { url, token, request } = await startServer();
      const socket = await connectClient(url, { token: token('42') });
      for (const ack of [undefined, {}]) {
        const response = await request('/api/emit', { body: { event, ack } });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ code: 'EVENT_RESERVED' });
      }
      await expectNoEvent(socket, event);
    },
  );

  test('what the declared events do not allow', async () => {
    const events = { note: z.object({ n: z.number() }) };
    const { url, token, request } = await startServer<typeof events>({ events });
    const socket = await connectClient(url, { token: token('42') });
    const cases: [body: object, status: number, code: string][] = [
      [{ event: 'note', payload: { n: '1' } }, 400, 'PAYLOAD_INVALID'],
      [{ event: 'note' }, 400, 'PAYLOAD_INVALID'],
      [{ event: 'noet', payload: { n: 1 } }, 404, 'EVENT_UNKNOWN'],
      [{ event: 'toString', payload: {} }, 404, 'EVENT_UNKNOWN'],
    ];
    for (const [body, status, code] of cases) {
      const response = await request('/api/emit', { body });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
    }
    await request('/api/emit', { body: { event: 'note', payload: { n: 1, more: true } } });
    expect(await nextEvent(socket, 'note')).toEqual({ n: 1 });
  });
});
