import { expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { connectPeer } from '../support/peers/connected-peer.ts';
import { slowReaderPeer } from '../support/peers/slow-reader.ts';
import { until } from '../support/until.ts';
import { expectAftermath } from './aftermath.ts';
import { type BuiltServer, readStats, startBuiltServer } from './built-server.ts';

const timeoutMs = 40_000;
const EVENT_BYTES = 8_000;
const BATCH = 100;
const BATCHES = 50;
const GROWTH_MAX_BYTES = 150_000_000;

/** 40 MB to everybody, in batches below the limit of a request; resolves to the largest memory that was seen. */
async function broadcast(server: BuiltServer, onBatch: () => Promise<void> = async () => {}): Promise<number> {
  const text = 'x'.repeat(EVENT_BYTES);
  let rssMax = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const body = Array.from({ length: BATCH }, (_, place) => ({
      event: 'news',
      payload: { number: batch * BATCH + place, text },
    }));
    expect((await server.request('/api/emit', { body })).status).toBe(200);
    rssMax = Math.max(rssMax, (await readStats(server)).process.rssBytes);
    await onBatch();
  }
  return rssMax;
}

/** Counts what comes in order; what is missing or out of order stops the count. */
function countInOrder(wire: Wire): () => number {
  let next = 0;
  wire.onEvent(({ event, payload }) => {
    if (event === 'news' && (payload as { number: number }).number === next) next += 1;
  });
  return () => next;
}

async function bufferedOf({ request }: BuiltServer, userId: string): Promise<number | undefined> {
  const { items } = (await (await request(`/api/sockets?user=${userId}`)).json()) as {
    items: { bufferedBytes: number }[];
  };
  return items[0]?.bufferedBytes;
}

async function expectTold({ request, url }: BuiltServer, userId: string): Promise<void> {
  const { items } = (await (await request('/api/refusals')).json()) as { items: { code: string; userId: string }[] };
  expect(items.filter((item) => item.userId === userId)).toMatchObject([{ kind: 'closed', code: 'SLOW_CONSUMER' }]);
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  expect(metrics).toMatch(/rtserver_connections_closed_total\{code="SLOW_CONSUMER"\} 1/);
}

test('a paused reader under 40 MB of broadcasts is closed, memory stays, and the other reader misses nothing', async () => {
  const server = await startBuiltServer();
  const fast = await connectPeer(server.url, { auth: { token: server.token('fast') }, record: 0 });
  const seen = countInOrder(fast.wire);
  const slow = await slowReaderPeer(server.url, { auth: { token: server.token('slow') } });
  const before = (await readStats(server)).process.rssBytes;
  let bufferedMax = 0;
  const rssMax = await broadcast(server, async () => {
    bufferedMax = Math.max(bufferedMax, (await bufferedOf(server, 'slow')) ?? 0);
  });
  await until(async () => (await bufferedOf(server, 'slow')) === undefined, { what: 'the slow reader is closed' });
  expect(bufferedMax).toBeGreaterThan(1_048_576);
  expect(rssMax - before).toBeLessThan(GROWTH_MAX_BYTES);
  await until(() => seen() === BATCH * BATCHES, { withinMs: timeoutMs, what: 'all events, in order' });
  expect(fast.wire.closing).toBeUndefined();
  await expectTold(server, 'slow');
  slow.resume();
  expect((await slow.wire.untilClosed({ timeoutMs })).by).toBe('server');
  await Promise.all([slow.close(), fast.close()]);
  await expectAftermath(server);
});

test('a client that polls no more is closed under the same broadcasts, and the other one misses nothing', async () => {
  const server = await startBuiltServer();
  const fast = await connectPeer(server.url, { auth: { token: server.token('fast') }, record: 0 });
  const seen = countInOrder(fast.wire);
  const auth = { token: server.token('idle') };
  const idle = await connectPeer(server.url, { transport: 'polling', auth });
  idle.wire.pause();
  const before = (await readStats(server)).process.rssBytes;
  const rssMax = await broadcast(server);
  await until(async () => (await bufferedOf(server, 'idle')) === undefined, { what: 'the idle client is closed' });
  expect(rssMax - before).toBeLessThan(GROWTH_MAX_BYTES);
  await until(() => seen() === BATCH * BATCHES, { withinMs: timeoutMs, what: 'all events, in order' });
  await expectTold(server, 'idle');
  idle.wire.drop();
  await fast.close();
  await expectAftermath(server);
});

test('a reader that only sips is closed as well, one that catches up within a second is not', async () => {
  const server = await startBuiltServer({ limits: { bufferedBytes: '200kB' } });
  const sipping = await slowReaderPeer(server.url, { auth: { token: server.token('sipping') } });
  const fast = await connectPeer(server.url, { auth: { token: server.token('fast') }, record: 0 });
  await broadcast(server, async () => sipping.sip());
  await until(async () => (await bufferedOf(server, 'sipping')) === undefined, { what: 'the sipping one is closed' });
  expect(await bufferedOf(server, 'fast')).toBeTypeOf('number');
  await Promise.all([sipping.close(), fast.close()]);
  await expectAftermath(server);
});

test.each([
  ['before CONNECT', async () => {}],
  [
    'after it has left the namespace',
    async (wire: Wire, token: string) => {
      expect(await wire.connect({ auth: { token } })).toMatchObject({ ok: true });
      wire.disconnect();
    },
  ],
])('answers that nobody reads do not pile up for a transport that is in no namespace, %s', async (_when, prepare) => {
  const server = await startBuiltServer();
  const wire = await openWire(server.url, { record: 0 });
  await prepare(wire, server.token('42'));
  wire.pause();
  const before = (await readStats(server)).process.rssBytes;
  // Each is answered by a refusal as long as itself: 500 MB of them, unless the connection ends before.
  const question = `40/${'a'.repeat(20_000)},`;
  let rssMax = 0;
  for (let asked = 0; asked < 25_000; asked += 50) {
    for (let count = 0; count < 50; count += 1) wire.sendText(question);
    // At the pace of the server, so that what piles up does so on its side. A paused reader sees no end: asked for it.
    rssMax = Math.max(rssMax, (await readStats(server)).process.rssBytes);
    if (wire.bufferedBytes > 20_000_000) break;
  }
  expect(rssMax - before).toBeLessThan(GROWTH_MAX_BYTES);
  wire.drop();
  wire.resume();
  await expectAftermath(server);
});
