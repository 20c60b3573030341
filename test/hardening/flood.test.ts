import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import type { Ack } from '../../src/contract/ack.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { connectPeer } from '../support/peers/connected-peer.ts';
import { floodingPeer } from '../support/peers/flooding.ts';
import { until } from '../support/until.ts';
import { expectAftermath } from './aftermath.ts';
import { readStats, startBuiltServer } from './built-server.ts';

const timeoutMs = 20_000;

/** What is 1 s on an idle machine, on one that is four times slower; who is starved waits for all of the flood. */
const ANSWER_MS = 4_000;

/** One `ping` after the other until `isOver`; resolves to the slowest answer. */
async function slowestPing(wire: Wire, isOver: () => boolean): Promise<number> {
  let slowest = 0;
  while (!isOver()) {
    const askedAt = performance.now();
    await wire.emitWithAck('ping', undefined, { timeoutMs });
    slowest = Math.max(slowest, performance.now() - askedAt);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return slowest;
}

test('a flood is told RATE_LIMITED and closed after 5 s, and a neighbour is answered soon throughout', async () => {
  const server = await startBuiltServer();
  const neighbour = await connectPeer(server.url, { auth: { token: server.token('neighbour') }, record: 0 });
  const startedAt = performance.now();
  const flooding = await floodingPeer(server.url, { auth: { token: server.token('flooder') }, burst: 20 });
  const slowest = slowestPing(neighbour.wire, () => flooding.wire.closing !== undefined);
  const refusal = await until(async () => {
    const answer = await flooding.wire.emitWithAck<Ack>('room:join', { room: 'x' }, { timeoutMs });
    return !answer.ok && answer.error;
  });
  expect(refusal).toMatchObject({ code: 'RATE_LIMITED' });
  const closing = await flooding.wire.next('closing', { timeoutMs });
  expect(closing.payload).toMatchObject({ code: 'RATE_LIMITED', retry: true });
  expect(closing.at - startedAt).toBeGreaterThan(4_900);
  expect((await flooding.wire.untilClosed({ timeoutMs })).by).toBe('server');
  expect(await slowest).toBeLessThan(ANSWER_MS);
  expect((await readStats(server)).totals.closedByCode).toMatchObject({ RATE_LIMITED: 1 });
  await Promise.all([flooding.close(), neighbour.close()]);
  await expectAftermath(server);
});

test.each([
  ['acknowledgements that nobody asked for', '43999["x"]'],
  ['pongs', '3'],
])(
  'who floods with %s, which are no events, is closed, and a neighbour is answered meanwhile',
  async (_name, message) => {
    const server = await startBuiltServer();
    const neighbour = await connectPeer(server.url, { auth: { token: server.token('neighbour') }, record: 0 });
    const auth = { token: server.token('flooder') };
    const flooding = await floodingPeer(server.url, { auth, message, burst: 20 });
    const slowest = slowestPing(neighbour.wire, () => flooding.wire.closing !== undefined);
    const closing = await flooding.wire.next('closing', { timeoutMs });
    expect(closing.payload).toMatchObject({ code: 'RATE_LIMITED', retry: true });
    expect(await slowest).toBeLessThan(ANSWER_MS);
    expect((await flooding.wire.untilClosed({ timeoutMs })).by).toBe('server');
    await Promise.all([flooding.close(), neighbour.close()]);
    await expectAftermath(server);
  },
);

describe.each(['websocket', 'polling'] as const)('CONNECT to namespaces that are not there, over %s', (transport) => {
  test('closes who floods with it on a connection', async () => {
    const server = await startBuiltServer();
    const auth = { token: server.token('flooder') };
    const flooding = await floodingPeer(server.url, { auth, transport, message: '40/nowhere,', burst: 20 });
    const closing = await flooding.wire.next('closing', { timeoutMs });
    expect(closing.payload).toMatchObject({ code: 'RATE_LIMITED' });
    expect((await flooding.wire.untilClosed({ timeoutMs })).by).toBe('server');
    await flooding.close();
    await expectAftermath(server);
  });

  test('refuses who floods with it before a connection, and the refusal can be looked up', async () => {
    const server = await startBuiltServer();
    const wire = await openWire(server.url, { transport, timeoutMs });
    for (let count = 0; count < 50; count += 1) wire.sendText('40/nowhere,');
    expect((await wire.untilClosed({ timeoutMs })).by).toBe('server');
    expect(await (await server.request('/api/refusals')).json()).toMatchObject({ items: [{ code: 'RATE_LIMITED' }] });
    await expectAftermath(server);
  });
});

test.each(['websocket', 'polling'] as const)(
  'a message over limits.payloadBytes closes its sender and nobody else, over %s',
  async (transport) => {
    const server = await startBuiltServer({ limits: { payloadBytes: '10kB' } });
    const neighbour = await connectPeer(server.url, { auth: { token: server.token('neighbour') } });
    const sender = await connectPeer(server.url, { auth: { token: server.token('sender') }, transport });
    expect(sender.wire.open.maxPayload).toBe(10_000);
    expect(await sender.wire.emitWithAck('ping', 'x'.repeat(9_000), { timeoutMs })).toMatchObject({ ok: true });
    sender.wire.emit('ping', 'x'.repeat(10_001));
    const { code, reason } = await sender.wire.untilClosed({ timeoutMs });
    if (transport === 'websocket') expect(code).toBe(1009);
    else expect(reason).toContain('413');
    expect(await neighbour.wire.emitWithAck('ping', undefined, { timeoutMs })).toMatchObject({ ok: true });
    await neighbour.close();
    await expectAftermath(server);
  },
);

test('limits.roomsPerSocket holds for rooms asked for in one breath, and a room left makes space', async () => {
  const server = await startBuiltServer({ limits: { roomsPerSocket: 5 } });
  const { wire, close } = await connectPeer(server.url, { auth: { token: server.token('42') } });
  const join = (room: string) => wire.emitWithAck<{ ok: boolean }>('room:join', { room }, { timeoutMs });
  const answers = await Promise.all(Array.from({ length: 50 }, (_, place) => join(`room-${place}`)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
  expect(answers[5]).toMatchObject({ ok: false, error: { code: 'ROOM_LIMIT_EXCEEDED' } });
  const another = { protocolId: 7 };
  expect(await wire.emitWithAck('protocol:join', another, { timeoutMs })).toMatchObject({
    error: { code: 'ROOM_LIMIT_EXCEEDED' },
  });
  await wire.emitWithAck('room:leave', { room: 'room-0' }, { timeoutMs });
  expect(await wire.emitWithAck('protocol:join', another, { timeoutMs })).toMatchObject({ ok: true });
  expect((await readStats(server)).rooms).toBe(6);
  await close();
  await expectAftermath(server);
});

test('limits.connectsPerSecond refuses the many of one address, and lets in another', async () => {
  const server = await startBuiltServer({ limits: { connectsPerSecond: 1, connectionsPerUser: 100 } });
  const auth = { token: server.token('42') };
  const wires = await Promise.all(Array.from({ length: 40 }, () => openWire(server.url, { timeoutMs })));
  const answers = await Promise.all(wires.map((wire) => wire.connect({ auth, timeoutMs })));
  const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.code]));
  // A burst of two, and one more a second: on a slow machine this takes a few.
  expect(refused.length).toBeGreaterThan(20);
  expect([...new Set(refused)]).toEqual(['RATE_LIMITED']);
  const other = await openWire(server.url, { localAddress: '127.0.0.9', timeoutMs });
  expect(await other.connect({ auth, timeoutMs })).toMatchObject({ ok: true });
  for (const wire of [...wires, other]) wire.drop();
});
