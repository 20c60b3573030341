import { describe, expect, test } from 'vitest';
import { createSessions } from '../../src/auth/sessions.ts';
import { createMemoryStore } from '../../src/auth/state.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { disconnected, nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

type Started = Awaited<ReturnType<typeof startServer>>;

async function createSession({ request }: Started, body: object = {}) {
  const response = await request('/api/sessions', { body: { userId: '42', ttlSeconds: 60, ...body } });
  expect(response.status).toBe(201);
  return (await response.json()) as { token: string; expiresAt: number };
}

test('a session opens for its user, with its claims', async () => {
  const started = await startServer();
  const before = Date.now();
  const { token, expiresAt } = await createSession(started, { claims: { role: 'editor', rooms: ['team-*'] } });
  expect(token).toMatch(/^sess_[\w-]{43}$/);
  expect(expiresAt).toBeGreaterThanOrEqual(before + 60_000);
  expect(expiresAt).toBeLessThanOrEqual(Date.now() + 60_000);
  const socket = await connectClient(started.url, { token });
  expect(socket.ready.userId).toBe('42');
  const [serverSide] = started.server.io.sockets.sockets.values();
  expect(serverSide?.data.user).toEqual({ role: 'editor', rooms: ['team-*'] });
  expect(await socket.emitWithAck('room:join', { room: 'team-1' })).toEqual({ ok: true, room: 'team-1' });
  expect(await socket.emitWithAck('room:join', { room: 'other' })).toMatchObject({ error: { code: 'ROOM_FORBIDDEN' } });
});

test('what the application writes into the claims of one socket is not in those of the next', async () => {
  const started = await startServer();
  const { token } = await createSession(started, { claims: { role: 'reader', team: { name: 'a' } } });
  const first = await connectClient(started.url, { token });
  const { data } = started.server.io.sockets.sockets.get(first.ready.socketId) ?? {};
  Object.assign(data?.user as object, { role: 'owner' });
  Object.assign(data?.user['team'] as object, { name: 'b' });
  const second = await connectClient(started.url, { token });
  const claims = started.server.io.sockets.sockets.get(second.ready.socketId)?.data.user;
  expect(claims).toEqual({ role: 'reader', team: { name: 'a' } });
});

test('a session that ran out is refused, and its live socket is closed', async () => {
  const started = await startServer();
  const { token } = await createSession(started, { ttlSeconds: 0.5 });
  const socket = await connectClient(started.url, { token });
  const closing = await nextEvent(socket, 'closing');
  expect(closing).toMatchObject({ code: 'TOKEN_EXPIRED', retry: false });
  expect(await disconnected(socket)).toMatch(/disconnect/);
  expect((await expectRefusal(started.url, { token })).data.code).toBe('SESSION_INVALID');
});

describe('revoking', () => {
  test('one session ends its sockets with SESSION_REVOKED, and no others', async () => {
    const started = await startServer();
    const [revoked, kept] = [await createSession(started), await createSession(started)];
    const socket = await connectClient(started.url, { token: revoked.token });
    const other = await connectClient(started.url, { token: kept.token });
    const response = await started.request('/api/sessions/revoke', { body: { token: revoked.token } });
    expect(await response.json()).toMatchObject({ ok: true, closed: 1 });
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'SESSION_REVOKED', retry: false });
    expect((await expectRefusal(started.url, { token: revoked.token })).data.code).toBe('SESSION_INVALID');
    expect(await other.emitWithAck('ping')).toMatchObject({ ok: true });
  });

  test('all sessions of a user leaves other users, and JWTs of the same, alone', async () => {
    const started = await startServer();
    const mine = [await createSession(started), await createSession(started)];
    const foreign = await createSession(started, { userId: '43' });
    const sockets = await Promise.all(mine.map(({ token }) => connectClient(started.url, { token })));
    const neighbour = await connectClient(started.url, { token: foreign.token });
    const byJwt = await connectClient(started.url, { token: started.token('42') });
    const response = await started.request('/api/sessions/revoke', { body: { userId: '42' } });
    expect(await response.json()).toMatchObject({ ok: true, closed: 2 });
    for (const socket of sockets) expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'SESSION_REVOKED' });
    for (const socket of [neighbour, byJwt]) expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
  });

  test('a session that is not there is done, and closes nobody', async () => {
    const { request } = await startServer();
    for (const body of [{ token: 'sess_unknown' }, { userId: 'nobody' }]) {
      const response = await request('/api/sessions/revoke', { body });
      expect([response.status, await response.json()]).toEqual([200, { ok: true, revoked: 0, closed: 0 }]);
    }
  });
});

test('sessions that ran out are forgotten, also where they are kept in memory only', async () => {
  const store = createMemoryStore();
  const sessions = createSessions(store);
  for (let count = 0; count < 10; count += 1) await sessions.create('42', 1, {});
  await until(
    async () => {
      await sessions.create('43', 60_000, {});
      return ![...store.state.sessions.values()].some(({ userId }) => userId === '42');
    },
    { withinMs: 2_000, what: 'forgetting' },
  );
});
