import { describe, expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';

const PATTERNS: readonly [rooms: unknown, allowed: string[], refused: string[]][] = [
  [['red'], ['red'], ['Red', 'red2', 'ared', 'blue']],
  [['team-*'], ['team-', 'team-1', 'team-a/b'], ['team', 'xteam-1']],
  [['*'], ['anything'], []],
  [['a*c*e'], ['ace', 'abcde', 'acce'], ['ac', 'aec', 'acex']],
  [
    ['*-eu', 'red'],
    ['x-eu', '-eu', 'red'],
    ['x-eu-1', 'blue'],
  ],
  [[], [], ['red']],
  [['protocol:*'], [], ['red', 'protocolx']],
  [['.*', 'r?d', '[a-z]+', '^red$'], ['.x'], ['red', 'a']],
  // Shapes that are mistakes allow no more than they say.
  ['red', ['red'], ['blue']],
  [null, [], ['red']],
  [42, [], ['red']],
  [{ red: true }, [], ['red']],
  [['red', 7, null], ['red'], ['7', 'null']],
];

test.each(PATTERNS)(
  'a token with rooms %j may join what it lists and nothing else',
  async (rooms, allowed, refused) => {
    const { url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42', { claims: { rooms } }) });
    for (const room of allowed) expect(await socket.emitWithAck('room:join', { room })).toEqual({ ok: true, room });
    for (const room of refused) {
      expect(await socket.emitWithAck('room:join', { room }), room).toMatchObject({
        error: { code: 'ROOM_FORBIDDEN' },
      });
    }
    expect(socket.ready.rooms).toEqual(['user:42']);
  },
);

describe('protocol rooms', () => {
  test('are listed by their whole name', async () => {
    const { url, token } = await startServer();
    const socket = await connectClient(url, {
      token: token('42', { claims: { rooms: ['protocol:7', 'protocol:x-*', '8'] } }),
    });
    for (const protocolId of [7, '7', 'x-1']) {
      expect(await socket.emitWithAck('protocol:join', { protocolId })).toMatchObject({ ok: true });
    }
    for (const protocolId of [8, '77', 'x']) {
      const answer = await socket.emitWithAck('protocol:join', { protocolId });
      expect(answer).toMatchObject({ error: { code: 'ROOM_FORBIDDEN' } });
    }
  });
});

test('a hostile pattern costs no time', async () => {
  const { url, token } = await startServer();
  const rooms = ['*a'.repeat(60)];
  const socket = await connectClient(url, { token: token('42', { claims: { rooms } }) });
  const answer = await socket.timeout(10_000).emitWithAck('room:join', { room: `${'a'.repeat(120)}b` });
  expect(answer).toMatchObject({ error: { code: 'ROOM_FORBIDDEN' } });
});
