import { describe, expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { expectNoEvent, nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const failure = (code: string) => ({ ok: false, error: { code, message: expect.any(String) } });

describe('a personal room', () => {
  test('is there from ready to the end', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const { adapter } = server.io.sockets;
    expect([...(adapter.rooms.get('user:42') ?? [])]).toEqual([socket.ready.socketId]);
    for (const event of ['room:leave', 'room:join']) {
      expect(await socket.emitWithAck(event, { room: 'user:42' })).toEqual(failure('ROOM_FORBIDDEN'));
    }
    expect(adapter.rooms.has('user:42')).toBe(true);
    socket.disconnect();
    await until(() => !adapter.rooms.has('user:42'));
  });

  test('is entered by nobody else', async () => {
    const { server, url, token } = await startServer();
    await connectClient(url, { token: token('42') });
    const intruder = await connectClient(url, { token: token('43', { claims: { rooms: ['*', 'user:*'] } }) });
    for (const room of ['user:42', 'user:', 'user:43']) {
      expect(await intruder.emitWithAck('room:join', { room })).toEqual(failure('ROOM_FORBIDDEN'));
    }
    server.emitter.emit('secret', 1, { users: ['42'] });
    await expectNoEvent(intruder, 'secret');
  });
});

describe('a protocol room', () => {
  test('is joined by protocol:join alone, one at a time', async () => {
    const { server, url, token, logs } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    expect(await socket.emitWithAck('protocol:join', { protocolId: '7' })).toEqual({ ok: true, room: 'protocol:7' });
    expect(await socket.emitWithAck('protocol:join', { protocolId: 8 })).toEqual({
      ok: true,
      room: 'protocol:8',
      left: 'protocol:7',
    });
    server.emitter.emit('note', 'to 7', { rooms: ['protocol:7'] });
    server.emitter.emit('note', 'to 8', { rooms: ['protocol:8'] });
    expect(await nextEvent(socket, 'note')).toBe('to 8');
    expect(await socket.emitWithAck('protocol:join', { protocolId: 8 })).toEqual({ ok: true, room: 'protocol:8' });
    expect(await socket.emitWithAck('protocol:leave')).toEqual({ ok: true, left: 'protocol:8' });
    expect(await socket.emitWithAck('protocol:leave')).toEqual({ ok: true });
    server.emitter.emit('note', 'to 8', { rooms: ['protocol:8'] });
    await expectNoEvent(socket, 'note');
    expect(await logs.next('room.joined')).toMatchObject({ level: 20, userId: '42', socketId: socket.ready.socketId });
    expect(await logs.next('room.left')).toMatchObject({ level: 20, userId: '42', socketId: socket.ready.socketId });
  });

  test('is not entered or left by its name', async () => {
    const { url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    await socket.emitWithAck('protocol:join', { protocolId: 7 });
    for (const event of ['room:join', 'room:leave']) {
      expect(await socket.emitWithAck(event, { room: 'protocol:7' })).toEqual(failure('ROOM_FORBIDDEN'));
    }
  });

  test('stays where it was when the new one is refused', async () => {
    const { url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42', { claims: { rooms: ['protocol:7'] } }) });
    await socket.emitWithAck('protocol:join', { protocolId: 7 });
    expect(await socket.emitWithAck('protocol:join', { protocolId: 8 })).toEqual(failure('ROOM_FORBIDDEN'));
    expect(await socket.emitWithAck('protocol:leave')).toEqual({ ok: true, left: 'protocol:7' });
  });

  test.each([[{}], [{ protocolId: null }], [{ protocolId: true }], [{ protocolId: {} }], [{ protocolId: ['7'] }], [7]])(
    'refuses the payload %j with PAYLOAD_INVALID',
    async (payload) => {
      const { url, token } = await startServer();
      const socket = await connectClient(url, { token: token('42') });
      expect(await socket.emitWithAck('protocol:join', payload)).toEqual(failure('PAYLOAD_INVALID'));
    },
  );

  test.each(['', ' ', 'a b', 'a\u0000', 'a\n', '\u2028', 'x'.repeat(129)])(
    'refuses the id %j with ROOM_INVALID',
    async (protocolId) => {
      const { url, token } = await startServer();
      const socket = await connectClient(url, { token: token('42') });
      expect(await socket.emitWithAck('protocol:join', { protocolId })).toEqual(failure('ROOM_INVALID'));
    },
  );

  test.each([0, -1, 1.5, 'x'.repeat(128), 'a:b/c*', '__proto__', 'ключ'])('takes the id %j', async (protocolId) => {
    const { url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    expect(await socket.emitWithAck('protocol:join', { protocolId })).toEqual({
      ok: true,
      room: `protocol:${protocolId}`,
    });
  });
});

describe('any other room', () => {
  test('is joined and left, also twice', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const room = 'lobby';
    for (const event of ['room:join', 'room:join', 'room:leave', 'room:leave']) {
      expect(await socket.emitWithAck(event, { room })).toEqual({ ok: true, room });
    }
    server.emitter.emit('note', 1, { rooms: [room] });
    await expectNoEvent(socket, 'note');
  });

  test.each([
    [undefined],
    [null],
    ['lobby'],
    [['lobby']],
    [{}],
    [{ room: 7 }],
    [{ room: ['lobby'] }],
    [Buffer.from('x')],
  ])('refuses the payload %j with PAYLOAD_INVALID', async (payload) => {
    const { url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    for (const event of ['room:join', 'room:leave']) {
      expect(await socket.emitWithAck(event, payload)).toEqual(failure('PAYLOAD_INVALID'));
    }
  });

  test.each(['', ' ', 'a b', 'a\tb', 'a\u0007', 'a\u0085', 'a\u00a0b', 'x'.repeat(129)])(
    'refuses the name %j with ROOM_INVALID',
    async (room) => {
      const { url, token } = await startServer();
      const socket = await connectClient(url, { token: token('42') });
      expect(await socket.emitWithAck('room:join', { room })).toEqual(failure('ROOM_INVALID'));
    },
  );

  test('is never the id of a socket', async () => {
    const { server, url, token } = await startServer();
    const victim = await connectClient(url, { token: token('42') });
    const socket = await connectClient(url, { token: token('43') });
    for (const room of [victim.ready.socketId, socket.ready.socketId]) {
      expect(await socket.emitWithAck('room:join', { room })).toEqual(failure('ROOM_FORBIDDEN'));
    }
    server.emitter.emit('secret', 1, { sockets: [victim.ready.socketId] });
    await expectNoEvent(socket, 'secret');
  });

  test('counts to limits.roomsPerSocket, protocol rooms included, switching excepted', async () => {
    const { url, token } = await startServer({ limits: { roomsPerSocket: 3 } });
    const socket = await connectClient(url, { token: token('42') });
    const join = (room: string) => socket.emitWithAck('room:join', { room });
    await socket.emitWithAck('protocol:join', { protocolId: 1 });
    for (const room of ['a', 'b']) expect(await join(room)).toMatchObject({ ok: true });
    expect(await join('c')).toEqual(failure('ROOM_LIMIT_EXCEEDED'));
    expect(await join('a')).toMatchObject({ ok: true });
    expect(await socket.emitWithAck('protocol:join', { protocolId: 2 })).toMatchObject({ ok: true });
    await socket.emitWithAck('protocol:leave');
    expect(await join('c')).toMatchObject({ ok: true });
    expect(await socket.emitWithAck('protocol:join', { protocolId: 3 })).toEqual(failure('ROOM_LIMIT_EXCEEDED'));
  });
});
