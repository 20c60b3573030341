import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Emitter } from '../../src/index.ts';
import { connectClient } from '../support/connect.ts';
import { expectNoEvent, nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

/** As JavaScript without types calls it. */
type Untyped = (...args: unknown[]) => ReturnType<Emitter['emit']>;

const circular: Record<string, unknown> = {};
circular['self'] = circular;

function nested(depth: number): unknown {
  let payload: unknown = [];
  for (let level = 0; level < depth; level += 1) payload = [payload];
  return payload;
}

const UNSENDABLE: readonly [name: string, payload: unknown][] = [
  ['that refers to itself', circular],
  ['with a BigInt', { amount: 1n }],
  ['nested deeper than a stack', nested(100_000)],
  [
    'whose toJSON throws',
    {
      toJSON() {
        throw new Error('no JSON');
      },
    },
  ],
];

describe.each(UNSENDABLE)('a payload %s', (_name, payload) => {
  test('is a failed emission, a warning in the log, and nobody gets it', async () => {
    const { server, url, token, logs } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    expect(server.emitter.emit('note', payload)).toMatchObject({ ok: false });
    expect(await logs.next('event.failed')).toMatchObject({ level: 40, event: 'note' });
    await expectNoEvent(socket, 'note');
    expect(server.emitter.emit('note', 'after')).toEqual({ ok: true, recipients: 1 });
    expect(await nextEvent(socket, 'note')).toBe('after');
  });

  test('fails with acknowledgements too, without a rejection', async () => {
    const { server, url, token, logs } = await startServer();
    await connectClient(url, { token: token('42') });
    expect(await server.emitter.emitWithAck('note', payload, {}, { timeoutMs: 200 })).toEqual([]);
    expect(await logs.next('event.failed')).toMatchObject({ level: 40, event: 'note' });
  });
});

test('takes a function for a payload that cannot be sent, and does not call it', async () => {
  const { server, url, token } = await startServer();
  const socket = await connectClient(url, { token: token('42') });
  let called = 0;
  const payload = () => {
    called += 1;
  };
  expect(server.emitter.emit('note', payload)).toMatchObject({ ok: false });
  await expectNoEvent(socket, 'note');
  expect(called).toBe(0);
});

test('answers with a result, whatever it is given', async () => {
  const { server, url, token } = await startServer();
  await connectClient(url, { token: token('42') });
  const emit = server.emitter.emit as unknown as Untyped;
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true });
  fc.assert(
    fc.property(anything, anything, anything, (event, payload, target) => {
      expect(typeof emit(event, payload, target).ok).toBe('boolean');
    }),
    { numRuns: 300 },
  );
});

test('resolves to a list, whatever it is given, when acknowledgements are asked for', async () => {
  const { server } = await startServer();
  const emit = server.emitter.emitWithAck as unknown as (...args: unknown[]) => Promise<unknown[]>;
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(anything, anything, anything, async (event, payload, target) => {
      expect(await emit(event, payload, target)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test.each(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])(
  'refuses the name "%s", which Socket.IO keeps for itself',
  async (event) => {
    const { server, url, token, logs } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    expect(server.emitter.emit(event, 1)).toMatchObject({ ok: false, reason: 'EVENT_RESERVED' });
    expect(await server.emitter.emitWithAck(event, 1)).toEqual([]);
    expect(await logs.next('event.failed')).toMatchObject({ event, reason: 'EVENT_RESERVED' });
    await expectNoEvent(socket, event);
    expect(socket.connected).toBe(true);
  },
);

test('blames the way, not the payload, for what an adapter throws', async () => {
  const { server, logs } = await startServer();
  server.io.of('/').adapter.broadcast = () => {
    throw new Error('gone');
  };
  expect(server.emitter.emit('note', { n: 1 })).toEqual({ ok: false, reason: 'ADAPTER_FAILED' });
  expect(await logs.next('event.failed')).toMatchObject({ reason: 'ADAPTER_FAILED', err: { message: 'gone' } });
  expect(server.emitter.emit('note', 1n)).toMatchObject({ ok: false, reason: 'PAYLOAD_INVALID' });
});

test('fails with SERVER_NOT_RUNNING on a closed server', async () => {
  const { server, logs } = await startServer();
  await server.close();
  expect(server.emitter.emit('note', 1)).toMatchObject({ ok: false, reason: 'SERVER_NOT_RUNNING' });
  expect(await server.emitter.emitWithAck('note', 1)).toEqual([]);
  expect(await logs.next('event.failed')).toMatchObject({ level: 40, event: 'note', reason: 'SERVER_NOT_RUNNING' });
});
