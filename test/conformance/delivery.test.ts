import { describe, expect, test } from 'vitest';
import type { EmitRequest } from '../../src/contract/emission.ts';
import type { ConnectedSocket } from '../support/connect.ts';
import { disconnected } from '../support/next-event.ts';
import { until } from '../support/until.ts';
import { PLACES } from './places.ts';
import { type Name, openTown, type Town } from './town.ts';

const ALL: readonly Name[] = ['ann1', 'ann2', 'bob', 'cid'];
const WAYS = [0, 1];
const id = ({ ready }: ConnectedSocket) => ready.socketId;

type Target = Pick<EmitRequest, 'to' | 'except'>;
const TARGETS: readonly [name: string, target: (sockets: Town['sockets']) => Target, expected: readonly Name[]][] = [
  ['everyone', () => ({}), ALL],
  ['a user', () => ({ to: { users: ['ann'] } }), ['ann1', 'ann2']],
  ['users', () => ({ to: { users: ['ann', 'bob'] } }), ['ann1', 'ann2', 'bob']],
  ['a room', () => ({ to: { rooms: ['red'] } }), ['ann1', 'bob']],
  ['rooms that overlap', () => ({ to: { rooms: ['red', 'blue'] } }), ['ann1', 'ann2', 'bob']],
  ['a socket', ({ bob }) => ({ to: { sockets: [id(bob)] } }), ['bob']],
  ['sockets', ({ ann1, ann2 }) => ({ to: { sockets: [id(ann1), id(ann2)] } }), ['ann1', 'ann2']],
  ['user, room and socket', ({ cid }) => ({ to: { users: ['ann'], rooms: ['red'], sockets: [id(cid)] } }), ALL],
  [
    'the same thrice',
    ({ bob }) => ({ to: { users: ['bob', 'bob'], rooms: ['red', 'blue', 'red'], sockets: [id(bob)] } }),
    ['ann1', 'ann2', 'bob'],
  ],
  ['nobody that is there', () => ({ to: { users: ['zoe'], rooms: ['green'], sockets: ['none'] } }), []],
  ['no users', () => ({ to: { users: [] } }), []],
  ['no rooms', () => ({ to: { rooms: [] } }), []],
  ['no sockets', () => ({ to: { sockets: [] } }), []],
  ['all but a user', () => ({ except: { users: ['ann'] } }), ['bob', 'cid']],
  ['all but a room', () => ({ except: { rooms: ['red'] } }), ['ann2', 'cid']],
  ['all but a socket', ({ ann1 }) => ({ except: { sockets: [id(ann1)] } }), ['ann2', 'bob', 'cid']],
  ['all but the other sockets', ({ ann2, bob }) => ({ except: { sockets: [id(ann2), id(bob)] } }), ['ann1', 'cid']],
  ['all but nobody', () => ({ except: {} }), ALL],
  ['a user but a room', () => ({ to: { users: ['ann'] }, except: { rooms: ['blue'] } }), ['ann1']],
  ['a room but its users', () => ({ to: { rooms: ['red'] }, except: { users: ['ann', 'bob'] } }), []],
];

const byName = <Value>(of: (name: Name) => Value) => Object.fromEntries(ALL.map((name) => [name, of(name)]));

describe.for(PLACES)('on $name', (place) => {
  const { isMissing } = place;

  test.skipIf(isMissing)('an event reaches exactly its target, each once, and counts them', async () => {
    const town = await openTown(place);
    for (const way of WAYS) {
      for (const [name, target, expected] of TARGETS) {
        const about = `${name}, by way ${way}`;
        const request = { event: 'note', payload: { of: name }, ...target(town.sockets) };
        expect(await town.emit(way, request), about).toEqual({ ok: true, recipients: expected.length });
        const got = byName((each) => (expected.includes(each) ? [{ of: name }] : []));
        expect(await town.take(way, 'note'), about).toEqual(got);
      }
    }
  });

  test.skipIf(isMissing)('exactly its target is asked for acknowledgements', async () => {
    const town = await openTown(place);
    for (const name of ALL) town.sockets[name].on('ask', (_payload, answer) => answer(name));
    for (const way of WAYS) {
      for (const [name, target, expected] of TARGETS) {
        const request = { event: 'ask', ack: { timeoutMs: 20_000 }, ...target(town.sockets) };
        const answer = await town.emit(way, request);
        expect(answer, `${name}, by way ${way}`).toMatchObject({ ok: true, recipients: expected.length });
        expect(answer.acks?.map((ack) => ack.ok && ack.value).sort(), name).toEqual([...expected].sort());
      }
    }
  });

  test.skipIf(isMissing)('who does not answer is one result too, and nobody else is held up by it', async () => {
    const town = await openTown(place);
    const { bob, cid } = town.sockets;
    cid.on('ask', (_payload, answer) => answer('here'));
    for (const way of WAYS) {
      const to = { users: ['bob', 'cid'] };
      const { acks = [] } = await town.emit(way, { event: 'ask', to, ack: { timeoutMs: 1_000 } });
      expect(acks.sort((a, b) => (a.userId < b.userId ? -1 : 1))).toEqual([
        { socketId: id(bob), userId: 'bob', ok: false, error: expect.objectContaining({ code: 'ACK_TIMEOUT' }) },
        { socketId: id(cid), userId: 'cid', ok: true, value: 'here' },
      ]);
    }
  });

  test.skipIf(isMissing)('the events of one sender keep their order, whatever their targets', async () => {
    const town = await openTown(place);
    const targets = [
      {},
      { to: { users: ['bob'] } },
      { to: { rooms: ['red'] } },
      { to: { sockets: [id(town.sockets.bob)] } },
    ];
    for (const way of WAYS) {
      const requests = Array.from({ length: 200 }, (_, number) => ({
        event: 'number',
        payload: number,
        ...targets[number % targets.length],
      }));
      const answers = await town.emitAll(way, requests);
      expect(answers.map((answer) => answer.ok && answer.recipients)).toEqual(
        requests.map((_, number) => [4, 1, 2, 1][number % 4]),
      );
      const { bob, ann1, cid } = await town.take(way, 'number');
      expect(bob).toEqual(requests.map(({ payload }) => payload));
      expect(ann1).toEqual(requests.flatMap(({ payload }) => (payload % 2 === 0 ? payload : [])));
      expect(cid).toEqual(requests.flatMap(({ payload }) => (payload % 4 === 0 ? payload : [])));
    }
  });

  test.skipIf(isMissing)('so do those that are to be acknowledged, among the others', async () => {
    const town = await openTown(place);
    const came: unknown[] = [];
    const { bob } = town.sockets;
    bob.on('number', (payload) => void came.push(payload));
    bob.on('asked', (payload, answer) => {
      came.push(payload);
      answer(payload);
    });
    for (const way of WAYS) {
      came.length = 0;
      const to = { users: ['bob'] };
      const requests = Array.from({ length: 100 }, (_, payload) =>
        payload % 2 === 0
          ? { event: 'asked', payload, to, ack: { timeoutMs: 20_000 } }
          : { event: 'number', payload, to },
      );
      const answers = await town.emitAll(way, requests);
      expect(answers.map((answer) => answer.ok && answer.recipients)).toEqual(requests.map(() => 1));
      await until(() => came.length === requests.length, { what: 'all events' });
      expect(came).toEqual(requests.map(({ payload }) => payload));
    }
  });

  test.skipIf(isMissing)('a payload that goes down too far is refused, and one that is accepted arrives', async () => {
    const town = await openTown(place);
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
    for (const way of WAYS) {
      const answers = await town.emitAll(way, [
        { event: 'note', payload: nested(2_220) },
        { event: 'note', payload: nested(501) },
        { event: 'note', payload: nested(500) },
      ]);
      const refused = expect.objectContaining({ ok: false, reason: 'PAYLOAD_INVALID' });
      expect(answers).toEqual([refused, refused, { ok: true, recipients: 4 }]);
      expect(await town.take(way, 'note')).toEqual(byName(() => [nested(500)]));
    }
  });

  test.skipIf(isMissing)('a batch is answered one by one, and what is wrong in it harms nothing else', async () => {
    const town = await openTown(place);
    for (const way of WAYS) {
      const answers = await town.emitAll(way, [
        { event: 'note', payload: 1, to: { users: ['bob'] } },
        { event: 'disconnect', payload: 2 },
        { event: 'note', payload: 3, to: { rooms: ['blue'] } },
      ]);
      expect(answers).toEqual([
        { ok: true, recipients: 1 },
        expect.objectContaining({ ok: false, reason: 'EVENT_RESERVED' }),
        { ok: true, recipients: 2 },
      ]);
      expect(await town.take(way, 'note')).toEqual({ ann1: [], ann2: [3], bob: [1, 3], cid: [] });
    }
  });

  test.skipIf(isMissing)(
    'whoever joins gets what is emitted from then on, and whoever leaves nothing more',
    async () => {
      const town = await openTown(place);
      const { bob, cid } = town.sockets;
      for (const way of WAYS) {
        const emit = async (room: string) =>
          await town.emit(way, { event: 'note', payload: room, to: { rooms: [room] } });
        for (const socket of [bob, cid]) {
          expect(await emit('protocol:7')).toEqual({ ok: true, recipients: 0 });
          await socket.emitWithAck('protocol:join', { protocolId: 7 });
          expect(await emit('protocol:7')).toEqual({ ok: true, recipients: 1 });
          await socket.emitWithAck('protocol:join', { protocolId: 8 });
          expect(await emit('protocol:7')).toEqual({ ok: true, recipients: 0 });
          expect(await emit('protocol:8')).toEqual({ ok: true, recipients: 1 });
          await socket.emitWithAck('protocol:leave');
          expect(await emit('protocol:8')).toEqual({ ok: true, recipients: 0 });
        }
        const got = ['protocol:7', 'protocol:8'];
        expect(await town.take(way, 'note')).toEqual({ ann1: [], ann2: [], bob: got, cid: got });
      }
    },
  );

  test.skipIf(isMissing)('a payload arrives as it is', async () => {
    const town = await openTown(place);
    const payloads = [
      null,
      false,
      0,
      '',
      'Zoë 北京 🎉',
      [1, [2, [3]]],
      { a: { b: [{ c: null }] } },
      'x'.repeat(250_000),
    ];
    for (const way of WAYS) {
      await town.emitAll(
        way,
        payloads.map((payload) => ({ event: 'note', payload })),
      );
      expect(await town.take(way, 'note')).toEqual(byName(() => payloads));
    }
  });

  test.skipIf(isMissing)('every way in lists all, and kicks whoever is there', async () => {
    const town = await openTown(place);
    const [first, second] = town.ways;
    const list = async (path: string, of = second) =>
      ((await (await of.request(path)).json()) as { items: Record<string, unknown>[] }).items;
    for (const way of town.ways) {
      expect((await list('/api/sockets', way)).map(({ id: socket }) => socket).sort()).toEqual(
        ALL.map((name) => id(town.sockets[name])).sort(),
      );
      expect(await list('/api/rooms?prefix=red', way)).toEqual([{ room: 'red', sockets: 2, users: 2 }]);
      expect(await list('/api/rooms?prefix=user:ann', way)).toEqual([{ room: 'user:ann', sockets: 2, users: 1 }]);
      expect((await list('/api/users', way)).map(({ userId, sockets }) => [userId, sockets])).toEqual([
        ['ann', 2],
        ['bob', 1],
        ['cid', 1],
      ]);
    }
    const kick = async (path: string, of = first) => (await of.request(path, { method: 'DELETE' })).json();
    expect(await kick('/api/users/ann/sockets')).toEqual({ ok: true, closed: 2 });
    expect(await kick(`/api/sockets/${id(town.sockets.bob)}`)).toEqual({ ok: true, closed: 1 });
    expect(await kick(`/api/sockets/${id(town.sockets.cid)}`, second)).toEqual({ ok: true, closed: 1 });
    for (const name of ALL) await disconnected(town.sockets[name]);
    expect(await town.emit(1, { event: 'note' })).toEqual({ ok: true, recipients: 0 });
    await until(async () => (await list('/api/users')).length === 0);
  });
});
