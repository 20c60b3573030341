import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/index.ts';
import { type ConnectedSocket, connectClient } from '../support/connect.ts';
import { nextEvent, roundTrip, takeEvents } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

/** Two sockets of Ann, in different rooms, one of Bob in both, and one of Cid in none. */
async function startTown() {
  const started = await startServer();
  const { url, token } = started;
  const ann1 = await connectClient(url, { token: token('ann') });
  const ann2 = await connectClient(url, { token: token('ann'), transports: ['polling'] });
  const bob = await connectClient(url, { token: token('bob') });
  const cid = await connectClient(url, { token: token('cid') });
  const sockets = { ann1, ann2, bob, cid };
  for (const [socket, room] of [
    [ann1, 'red'],
    [ann2, 'blue'],
    [bob, 'red'],
    [bob, 'blue'],
  ] as const) {
    await socket.emitWithAck('room:join', { room });
  }
  return { ...started, sockets };
}

type Sockets = Awaited<ReturnType<typeof startTown>>['sockets'];
type Name = keyof Sockets;
const id = (socket: ConnectedSocket) => socket.ready.socketId;

const TARGETS: readonly [name: string, target: (sockets: Sockets) => Target | undefined, expected: readonly Name[]][] =
  [
    ['no target', () => undefined, ['ann1', 'ann2', 'bob', 'cid']],
    ['an empty target', () => ({}), ['ann1', 'ann2', 'bob', 'cid']],
    ['a user', () => ({ users: ['ann'] }), ['ann1', 'ann2']],
    ['users', () => ({ users: ['ann', 'bob'] }), ['ann1', 'ann2', 'bob']],
    ['a room', () => ({ rooms: ['red'] }), ['ann1', 'bob']],
    ['rooms that overlap', () => ({ rooms: ['red', 'blue'] }), ['ann1', 'ann2', 'bob']],
    ['a socket', ({ cid }) => ({ sockets: [id(cid)] }), ['cid']],
    [
      'user, room and socket',
      ({ cid }) => ({ users: ['ann'], rooms: ['red'], sockets: [id(cid)] }),
      ['ann1', 'ann2', 'bob', 'cid'],
    ],
    [
      'the same thrice',
      ({ bob }) => ({ users: ['bob', 'bob'], rooms: ['red', 'blue', 'red'], sockets: [id(bob)] }),
      ['ann1', 'ann2', 'bob'],
    ],
    ['nobody that is there', () => ({ users: ['zoe'], rooms: ['green'], sockets: ['none'] }), []],
    ['no users', () => ({ users: [] }), []],
    ['no rooms', () => ({ rooms: [] }), []],
    ['no sockets', () => ({ sockets: [] }), []],
    ['no users, and a room', () => ({ users: [], rooms: ['red'] }), ['ann1', 'bob']],
    ['all but a user', () => ({ except: { users: ['ann'] } }), ['bob', 'cid']],
    ['all but a room', () => ({ except: { rooms: ['red'] } }), ['ann2', 'cid']],
    ['all but a socket', ({ ann1 }) => ({ except: { sockets: [id(ann1)] } }), ['ann2', 'bob', 'cid']],
    ['all but nobody', () => ({ except: {} }), ['ann1', 'ann2', 'bob', 'cid']],
    ['all but an empty list', () => ({ except: { users: [] } }), ['ann1', 'ann2', 'bob', 'cid']],
    ['a user but a room', () => ({ users: ['ann'], except: { rooms: ['blue'] } }), ['ann1']],
    ['a room but its users', () => ({ rooms: ['red'], except: { users: ['ann', 'bob'] } }), []],
    ['a user but the same', () => ({ users: ['cid'], except: { users: ['cid'] } }), []],
  ];

test.each(TARGETS)('to %s reaches exactly those, each once, and counts them', async (_name, target, expected) => {
  const { server, sockets, logs } = await startTown();
  const chosen = target(sockets);
  expect(server.emitter.emit('note', { n: 1 }, chosen)).toEqual({ ok: true, recipients: expected.length });
  for (const [name, socket] of Object.entries(sockets)) {
    await roundTrip(socket);
    expect(takeEvents(socket, 'note'), name).toEqual(expected.includes(name as Name) ? [{ n: 1 }] : []);
  }
  const line = await logs.next('event.emitted');
  expect(line).toMatchObject({ level: 20, event: 'note', targets: chosen ?? 'all', recipients: expected.length });
  expect(JSON.stringify(line)).not.toContain('"n"');
});

test.each(TARGETS)('with acknowledgements to %s asks exactly those', async (_name, target, expected) => {
  const { server, sockets } = await startTown();
  for (const [name, socket] of Object.entries(sockets)) socket.on('ask', (_payload, answer) => answer(name));
  const acks = await server.emitter.emitWithAck('ask', 1, target(sockets), { timeoutMs: 15_000 });
  expect(acks.map((ack) => ack.ok && ack.value).sort()).toEqual([...expected].sort());
});

describe('the payload', () => {
  test.each([
    ['null', null],
    ['a boolean', false],
    ['zero', 0],
    ['an empty text', ''],
    ['text of any script', 'Zoë 北京 🎉'],
    ['a list', [1, [2, [3]]]],
    ['an object', { a: { b: [{ c: null }] } }],
    ['__proto__ as a key', JSON.parse('{"__proto__":{"x":1}}')],
    ['a quarter of a megabyte', 'x'.repeat(250_000)],
  ])('arrives as it is: %s', async (_name, payload) => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    server.emitter.emit('note', payload);
    expect(await nextEvent(socket, 'note')).toEqual(payload);
  });

  test('arrives as binary', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    server.emitter.emit('note', { bytes: Buffer.from([1, 2, 3]) });
    const { bytes } = await nextEvent<{ bytes: Buffer }>(socket, 'note');
    expect([...bytes]).toEqual([1, 2, 3]);
  });

  test('keeps its order with others', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    for (let n = 0; n < 200; n += 1) server.emitter.emit('note', n, n % 2 === 0 ? {} : { users: ['42'] });
    await nextEvent(socket, 'note', { match: (n) => n === 199 });
    expect(takeEvents(socket, 'note')).toEqual(Array.from({ length: 199 }, (_, n) => n));
  });
});

describe('acknowledgements', () => {
  test('are one result for each recipient, late ones with ACK_TIMEOUT', async () => {
    const { server, url, token } = await startServer();
    const [quick, mute, gone] = await Promise.all(
      ['ann', 'bob', 'cid'].map((user) => connectClient(url, { token: token(user) })),
    );
    if (quick === undefined || mute === undefined || gone === undefined) throw new Error('not connected');
    quick.on('ask', (payload, answer) => answer({ got: payload }));
    gone.on('ask', () => gone.disconnect());
    const acks = await server.emitter.emitWithAck('ask', { n: 1 }, {}, { timeoutMs: 500 });
    const late = { code: 'ACK_TIMEOUT', message: 'No acknowledgement in time' };
    expect(acks.sort((a, b) => (a.userId < b.userId ? -1 : 1))).toEqual([
      { socketId: id(quick), userId: 'ann', ok: true, value: { got: { n: 1 } } },
      { socketId: id(mute), userId: 'bob', ok: false, error: late },
      { socketId: id(gone), userId: 'cid', ok: false, error: late },
    ]);
  });

  test('without a value are there all the same', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    socket.on('ask', (_payload, answer) => answer());
    const [ack] = await server.emitter.emitWithAck('ask', 1);
    expect(ack).toMatchObject({ socketId: id(socket), ok: true });
  });

  test('are awaited for ack.timeout when nothing else is said', async () => {
    const { server, url, token } = await startServer({ ack: { timeout: 50 } });
    await connectClient(url, { token: token('42') });
    expect(await server.emitter.emitWithAck('ask', 1)).toMatchObject([{ ok: false, error: { code: 'ACK_TIMEOUT' } }]);
  });

  test('of nobody are an empty list, at once', async () => {
    const { server } = await startServer();
    expect(await server.emitter.emitWithAck('ask', 1, { users: ['nobody'] }, { timeoutMs: 60_000 })).toEqual([]);
  });
});
