import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createRealtimeServer, defineHandler, defineModule, type RealtimeModule, RtError } from '../../src/index.ts';
import { connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const failure = (code: string) => ({ ok: false, error: { code, message: expect.any(String) } });

const board = defineModule({
  name: 'board',
  roomPrefix: 'board/',
  handlers: {
    'board:enter': defineHandler(
      z.object({ board: z.string().min(1) }),
      ({ board: name }, { join, emitter, userId }) => {
        join(`board/${name}`);
        emitter.emit('board:entered', { userId }, { rooms: [`board/${name}`] });
        return { entered: name };
      },
    ),
    'board:exit': (_payload, { leave }) => leave('board/a'),
    'board:who': (_payload, { userId, user, correlationId, socket }) => ({
      userId,
      user,
      correlationId,
      id: socket.id,
    }),
    'board:refuse': () => {
      throw new RtError('FORBIDDEN', { reason: 'closed today' });
    },
    'board:crash': () => {
      throw new Error('the secret is hunter2');
    },
    'board:reject': async () => Promise.reject(new TypeError('later')),
    'board:intrude': (payload, { join }) => join(String(payload)),
    'board:number': () => 7,
    'board:bigint': () => ({ amount: 1n }),
  },
});

describe('a module', () => {
  test('handles events and has rooms of its own naming', async () => {
    const { server, url, token } = await startServer({ modules: [board] });
    const socket = await connectClient(url, { token: token('42') });
    expect(await socket.emitWithAck('board:enter', { board: 'a' })).toEqual({ ok: true, entered: 'a' });
    expect(await nextEvent(socket, 'board:entered')).toEqual({ userId: '42' });
    expect(await socket.emitWithAck('board:exit')).toEqual({ ok: true });
    expect(server.emitter.emit('note', 1, { rooms: ['board/a'] })).toEqual({ ok: true, recipients: 0 });
    expect(await socket.emitWithAck('board:number')).toEqual({ ok: true });
  });

  test('is told whose event it is', async () => {
    const { url, token } = await startServer({ modules: [board] });
    const socket = await connectClient(url, {
      token: token('42', { claims: { role: 'editor' } }),
      extraHeaders: { 'X-Correlation-Id': 'visit-1' },
    });
    expect(await socket.emitWithAck('board:who')).toMatchObject({
      ok: true,
      userId: '42',
      user: { role: 'editor' },
      correlationId: 'visit-1',
      id: socket.ready.socketId,
    });
  });

  test('keeps its rooms from room:join and room:leave', async () => {
    const { url, token } = await startServer({ modules: [board] });
    const socket = await connectClient(url, { token: token('42') });
    for (const event of ['room:join', 'room:leave']) {
      expect(await socket.emitWithAck(event, { room: 'board/a' })).toEqual(failure('ROOM_FORBIDDEN'));
    }
  });

  test.each(['user:43', 'protocol:7'])('may not put a socket into %s', async (room) => {
    const { url, token } = await startServer({ modules: [board] });
    const socket = await connectClient(url, { token: token('42') });
    expect(await socket.emitWithAck('board:intrude', room)).toEqual(failure('ROOM_FORBIDDEN'));
  });

  test('may not put a socket into the room of another socket', async () => {
    const { url, token } = await startServer({ modules: [board] });
    const victim = await connectClient(url, { token: token('43') });
    const socket = await connectClient(url, { token: token('42') });
    expect(await socket.emitWithAck('board:intrude', victim.ready.socketId)).toEqual(failure('ROOM_FORBIDDEN'));
  });

  test.each([[{}], [{ board: 7 }], [null], [undefined]])('has its payload checked: %j', async (payload) => {
    const { url, token } = await startServer({ modules: [board] });
    const socket = await connectClient(url, { token: token('42') });
    expect(await socket.emitWithAck('board:enter', payload)).toEqual(failure('PAYLOAD_INVALID'));
  });

  test('that throws an RtError answers with its code', async () => {
    const { url, token, logs } = await startServer({ modules: [board] });
    const socket = await connectClient(url, { token: token('42') });
    expect(await socket.emitWithAck('board:refuse')).toEqual(failure('FORBIDDEN'));
    expect(logs.of('handler.failed')).toEqual([]);
  });

  test.each(['board:crash', 'board:reject', 'board:bigint'])(
    'that fails answers INTERNAL, is logged, and goes on: %s',
    async (event) => {
      const { url, token, logs } = await startServer({ modules: [board] });
      const socket = await connectClient(url, { token: token('42') });
      const answer = await socket.timeout(10_000).emitWithAck(event);
      expect(answer).toEqual({ ok: false, error: { code: 'INTERNAL', message: 'Internal error' } });
      expect(await logs.next('handler.failed')).toMatchObject({
        level: 50,
        event,
        userId: '42',
        err: expect.anything(),
      });
      socket.emit(event);
      expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
    },
  );
});

test('hooks are called once for each connection, after the way in and after the way out', async () => {
  const calls: string[] = [];
  const watcher = defineModule({
    name: 'watcher',
    onConnect: ({ userId, socket }) => void calls.push(`${userId} in, ${socket.rooms.has(`user:${userId}`)}`),
    onDisconnect: ({ userId, socket }) => void calls.push(`${userId} out, ${socket.rooms.size}`),
  });
  const { server, url, token } = await startServer({ modules: [watcher] });
  const socket = await connectClient(url, { token: token('42') });
  server.users.disconnectUser('42');
  await until(() => socket.disconnected);
  const other = await connectClient(url, { token: token('43') });
  other.disconnect();
  await until(() => calls.length === 4);
  expect(calls).toEqual(['42 in, true', '42 out, 0', '43 in, true', '43 out, 0']);
});

test('a hook that throws is logged and breaks nothing', async () => {
  const fail = () => {
    throw new Error('hook');
  };
  const { url, token, logs } = await startServer({ modules: [{ name: 'bad', onConnect: fail, onDisconnect: fail }] });
  const socket = await connectClient(url, { token: token('42') });
  expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
  socket.disconnect();
  await logs.next('connection.closed');
  await until(() => logs.of('handler.failed').length === 2);
  expect(logs.of('handler.failed')).toMatchObject([
    { module: 'bad', event: 'onConnect', level: 50 },
    { module: 'bad', event: 'onDisconnect', level: 50 },
  ]);
});

test('a hook that rejects is logged and breaks nothing', async () => {
  const onConnect = (async () => {
    throw new Error('hook');
  }) as NonNullable<RealtimeModule['onConnect']>;
  const { url, token, logs } = await startServer({ modules: [{ name: 'bad', onConnect }] });
  await connectClient(url, { token: token('42') });
  expect(await logs.next('handler.failed', { withinMs: 3_000 })).toMatchObject({ module: 'bad', event: 'onConnect' });
});

test.each<[name: string, modules: RealtimeModule[]]>([
  ['two modules that want one event', ['a', 'b'].map((name) => ({ name, handlers: { 'x:y': () => {} } }))],
  ['an event of the server', [{ name: 'a', handlers: { ping: () => {} } }]],
  ['a reserved name', [{ name: 'a', handlers: { disconnect: () => {} } }]],
  ['the rooms of everybody', [{ name: 'a', roomPrefix: '' }]],
  ['the rooms of users', [{ name: 'a', roomPrefix: 'user:' }]],
  ['rooms of protocols', [{ name: 'a', roomPrefix: 'protocol:7' }]],
])('refuses %s as CONFIG_INVALID', async (_name, modules) => {
  const options = { port: 0, auth: { secret: 'x'.repeat(32) }, log: { level: 'silent' }, modules } as const;
  await expect(createRealtimeServer(options)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    detail: { key: 'modules' },
  });
});
