import jwt from 'jsonwebtoken';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createExpiries } from '../../src/core/expiry.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { disconnected, expectNoEvent, nextEvent, takeEvents } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const seconds = (fromNow: number) => Math.floor(Date.now() / 1_000) + fromNow;

describe('a token that runs out on a live socket', () => {
  test('ends it with TOKEN_EXPIRED, not before', async () => {
    const { url, secret, logs } = await startServer();
    const exp = seconds(2);
    const socket = await connectClient(url, { token: jwt.sign({ sub: '42', exp }, secret) });
    const ended = disconnected(socket);
    const closing = await nextEvent<{ correlationId: string }>(socket, 'closing');
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000);
    expect(closing).toEqual({
      code: 'TOKEN_EXPIRED',
      message: 'Token expired',
      retry: false,
      correlationId: expect.any(String),
    });
    // Stock clients stay away after a DISCONNECT of the server.
    expect(await ended).toBe('io server disconnect');
    expect(socket.active).toBe(false);
    expect(await logs.next('connection.closed')).toMatchObject({
      code: 'TOKEN_EXPIRED',
      correlationId: closing.correlationId,
    });
  });

  test('ends only its own sockets', async () => {
    const { url, secret, token } = await startServer();
    const kept = await connectClient(url, { token: token('42') });
    const forever = await connectClient(url, { token: jwt.sign({ sub: '42' }, secret) });
    const short = await connectClient(url, { token: jwt.sign({ sub: '42', exp: seconds(1) }, secret) });
    expect(await nextEvent(short, 'closing')).toMatchObject({ code: 'TOKEN_EXPIRED' });
    for (const socket of [kept, forever]) await expectNoEvent(socket, 'closing');
  });
});

test('tokens that run out in more seconds than a call has arguments do not end the process', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  const expired: number[] = [];
  const expiries = createExpiries<number>((item) => expired.push(item));
  const now = Date.now();
  for (let second = 1; second <= 200_000; second += 1) expiries.set(second, now + second * 1_000);
  vi.advanceTimersByTime(2_000);
  expect(expired).toEqual([1, 2]);
  expiries.close();
});

describe('auth:refresh', () => {
  test('takes a new token of the same user, and the old end no longer counts', async () => {
    const { server, url, secret } = await startServer();
    const socket = await connectClient(url, { token: jwt.sign({ sub: '42', exp: seconds(2) }, secret) });
    const witness = await connectClient(url, { token: jwt.sign({ sub: '43', exp: seconds(2) }, secret) });
    const exp = seconds(600);
    const renewed = jwt.sign({ sub: '42', exp, role: 'new' }, secret);
    expect(await socket.emitWithAck('auth:refresh', { token: renewed })).toEqual({ ok: true, expiresAt: exp * 1_000 });
    expect(server.io.sockets.sockets.get(socket.ready.socketId)?.data.user).toMatchObject({ role: 'new', exp });
    await nextEvent(witness, 'closing');
    await expectNoEvent(socket, 'closing');
  });

  test('says null for a token without an end', async () => {
    const { url, secret, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const endless = jwt.sign({ sub: '42' }, secret);
    expect(await socket.emitWithAck('auth:refresh', { token: endless })).toEqual({ ok: true, expiresAt: null });
  });

  test('may bring the end nearer', async () => {
    const { url, secret, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    await socket.emitWithAck('auth:refresh', { token: jwt.sign({ sub: '42', exp: seconds(2) }, secret) });
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'TOKEN_EXPIRED' });
  });

  test.each([
    ['another user', 'FORBIDDEN', (secret: string) => jwt.sign({ sub: '43' }, secret)],
    ['an expired token', 'TOKEN_EXPIRED', (secret: string) => jwt.sign({ sub: '42', exp: seconds(-60) }, secret)],
    ['another secret', 'TOKEN_INVALID', () => jwt.sign({ sub: '42' }, 'another-secret-that-is-long-enough')],
    ['a session that is not there', 'SESSION_INVALID', () => 'sess_x'],
    ['an empty token', 'UNAUTHENTICATED', () => ''],
    ['a number', 'PAYLOAD_INVALID', () => 42],
  ])('refuses %s with %s, and leaves the connection as it was', async (_name, code, make) => {
    const { server, url, secret, token } = await startServer();
    const socket = await connectClient(url, { token: token('42', { claims: { role: 'old' } }) });
    const answer = await socket.emitWithAck('auth:refresh', { token: make(secret) });
    expect(answer).toEqual({ ok: false, error: { code, message: expect.any(String) } });
    const data = server.io.sockets.sockets.get(socket.ready.socketId)?.data;
    expect(data).toMatchObject({ userId: '42', user: { role: 'old' } });
    await expectNoEvent(socket, 'closing');
  });

  test.each([[undefined], [null], ['text'], [[]], [{}], [{ __proto__: { token: 'x' } }]])(
    'refuses the payload %j with PAYLOAD_INVALID',
    async (payload) => {
      const { url, token } = await startServer();
      const socket = await connectClient(url, { token: token('42') });
      const answer = await socket.emitWithAck('auth:refresh', payload);
      expect(answer).toMatchObject({ ok: false, error: { code: 'PAYLOAD_INVALID' } });
    },
  );

  test('takes the socket out of rooms that the new token does not list', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    for (const room of ['team-1', 'other']) await socket.emitWithAck('room:join', { room });
    await socket.emitWithAck('protocol:join', { protocolId: 7 });
    const narrow = token('42', { claims: { rooms: ['team-*'] } });
    expect(await socket.emitWithAck('auth:refresh', { token: narrow })).toMatchObject({ ok: true });
    const rooms = server.io.sockets.sockets.get(socket.ready.socketId)?.rooms ?? new Set<string>();
    expect([...rooms].sort()).toEqual([socket.ready.socketId, 'team-1', 'user:42'].sort());
    server.emitter.emit('note', 'for others', { rooms: ['other', 'protocol:7'] });
    server.emitter.emit('note', 'mine', { users: ['42'] });
    expect(await nextEvent(socket, 'note')).toBe('mine');
    const again = await socket.emitWithAck('room:join', { room: 'other' });
    expect(again).toMatchObject({ error: { code: 'ROOM_FORBIDDEN' } });
  });

  test('keeps a connection alive whose old token is revoked afterwards', async () => {
    const { url, token, request } = await startServer();
    const socket = await connectClient(url, { token: token('42', { claims: { jti: 'old' } }) });
    await socket.emitWithAck('auth:refresh', { token: token('42', { claims: { jti: 'new' } }) });
    await request('/api/tokens/revoke', { body: { jti: 'old' } });
    await expectNoEvent(socket, 'closing');
    await request('/api/tokens/revoke', { body: { jti: 'new' } });
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'TOKEN_REVOKED' });
  });
});

test('the end that an application gives holds too', async () => {
  const { url } = await startServer({ authenticate: () => ({ userId: '42', expiresAt: Date.now() + 300 }) });
  const socket = await connectClient(url);
  expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'TOKEN_EXPIRED' });
  await until(() => socket.disconnected);
  expect(takeEvents(socket, 'closing')).toEqual([]);
});

test('a token that has just run out does not come back in', async () => {
  const { url, secret } = await startServer();
  const token = jwt.sign({ sub: '42', exp: seconds(1) }, secret);
  const socket = await connectClient(url, { token });
  await nextEvent(socket, 'closing');
  expect((await expectRefusal(url, { token })).data.code).toBe('TOKEN_EXPIRED');
});
