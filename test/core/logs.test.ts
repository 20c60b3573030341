import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { roundTrip } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

const PRIVATE = 'private-4711';

const SCHEMAS = {
  zod: { note: z.object({ n: z.number(), kind: z.enum(['a', 'b']) }) },
  valibot: { note: v.object({ n: v.number(), kind: v.picklist(['a', 'b']) }) },
  arktype: { note: type({ n: 'number', kind: "'a' | 'b'" }) },
} as const;

describe.each(Object.entries(SCHEMAS))('a payload that a schema of %s refuses', (_name, events) => {
  test.each([[{ n: PRIVATE, kind: 'a' }], [{ n: 1, kind: PRIVATE }], [PRIVATE]])(
    'is not repeated in the log, whatever its schema says to the caller: %j',
    async (payload) => {
      const { server, logs, request } = await startServer<typeof events>({ events });
      const emit = server.emitter.emit as (event: string, payload: unknown) => object;
      const result = emit('note', payload);
      expect(result).toMatchObject({ ok: false, reason: 'PAYLOAD_INVALID', detail: expect.any(String) });
      const response = await request('/api/emit', { body: { event: 'note', payload } });
      expect(response.status).toBe(400);
      expect(JSON.stringify(logs.lines)).not.toContain(PRIVATE);
    },
  );
});

test('no log line holds a token, a secret or a payload, whatever happens', async () => {
  const { server, url, token, secret, logs, request, adminToken } = await startServer({
    heartbeat: { timeout: 30_000 },
  });
  const user = token('42');
  const created = await request('/api/sessions', { body: { userId: '43', ttlSeconds: 60, claims: { note: PRIVATE } } });
  const { token: session } = (await created.json()) as { token: string };
  const expired = token('42', { expiresInMs: -60_000 });
  const socket = await connectClient(url, { token: user });
  const bySession = await connectClient(url, { token: session });
  for (const bad of [expired, `${user}x`, `sess_${PRIVATE}`, `${PRIVATE}..`]) await expectRefusal(url, { token: bad });
  await expectRefusal(url, { query: { token: user } });
  await expectRefusal(url, { auth: { token: { PRIVATE } } });
  for (const event of ['ping', 'room:join', 'protocol:join', 'auth:refresh', 'unknown']) {
    await socket.emitWithAck(event, { token: PRIVATE, room: `${PRIVATE} `, protocolId: `${PRIVATE} `, text: PRIVATE });
  }
  await socket.emitWithAck('auth:refresh', { token: user });
  server.emitter.emit('note', { text: PRIVATE });
  server.emitter.emit('note', { text: PRIVATE, big: 1n });
  server.emitter.emit('connect', { text: PRIVATE });
  await request('/api/emit', { body: { event: 'note', payload: PRIVATE } });
  await request('/api/emit', { body: { event: 'connect', payload: PRIVATE } });
  await request('/api/emit', { body: PRIVATE });
  await request('/api/users', { token: expired });
  await request('/api/users', { token: user });
  await request(`/api/users?token=${adminToken}`);
  await request('/api/sessions/revoke', { body: { token: session } });
  await roundTrip(socket);
  bySession.disconnect();
  await server.close();
  const text = JSON.stringify(logs.lines);
  for (const hidden of [PRIVATE, user, session, expired, adminToken, secret, user.split('.')[2] ?? '']) {
    expect(text).not.toContain(hidden);
  }
});

test('each line has a level, a time and one of the names', async () => {
  const { server, url, token, logs } = await startServer();
  await expectRefusal(url);
  const socket = await connectClient(url, { token: token('42'), extraHeaders: { 'X-Correlation-Id': 'c-1' } });
  const socketId = socket.ready.socketId;
  await socket.emitWithAck('room:join', { room: 'lobby' });
  await socket.emitWithAck('room:leave', { room: 'lobby' });
  server.emitter.emit('note', 1, { users: ['42'] });
  await server.close();
  const about = { correlationId: 'c-1', userId: '42', socketId };
  expect(logs.lines).toMatchObject([
    { level: 30, msg: 'server.listening', url },
    { level: 40, msg: 'connection.refused', code: 'UNAUTHENTICATED', correlationId: expect.any(String) },
    { level: 30, msg: 'connection.accepted', ...about },
    { level: 20, msg: 'room.joined', room: 'lobby', ...about },
    { level: 20, msg: 'room.left', room: 'lobby', ...about },
    { level: 20, msg: 'event.emitted', event: 'note', targets: { users: ['42'] }, recipients: 1 },
    { level: 30, msg: 'server.draining' },
    { level: 30, msg: 'connection.closed', code: 'SERVER_SHUTDOWN', durationMs: expect.any(Number), ...about },
    { level: 30, msg: 'server.stopped' },
  ]);
  for (const line of logs.lines) expect(line.time).toEqual(expect.any(Number));
});
