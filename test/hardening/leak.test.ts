import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import type { WireOptions } from '../../src/wire/wire-options.ts';
import { until } from '../support/until.ts';
import { untilEmpty } from './aftermath.ts';
import { type BuiltServer, readStats, startBuiltServer } from './built-server.ts';

const CYCLES = 20_000;
/** A slow machine makes as many as it can in this time, and at least so many. */
const TIME_MS = 45_000;
const CYCLES_MIN = 5_000;
/** So many that what grows to a bound of its own, verified tokens and compiled code above all, has reached it. */
const WARM_UP = 12_000;
const AT_ONCE = 100;
const timeoutMs = 30_000;

/** What the program does on a signal: collect what is garbage, and tell what it holds. */
const ON_SIGNAL = `process.on('SIGUSR2', async () => {
  // What is weakly held goes in several turns.
  for (let turn = 0; turn < 10; turn++) {
    gc();
    await new Promise(setImmediate);
  }
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  console.error('held ' + JSON.stringify({ heapBytes: process.memoryUsage().heapUsed, timers }));
});`;

interface Held {
  heapBytes: number;
  timers: number;
}

async function readHeld({ cli }: BuiltServer): Promise<Held> {
  const lines = () => cli.stderr.split('\n').filter((line) => line.startsWith('held '));
  const before = lines().length;
  cli.kill('SIGUSR2');
  await cli.waitForLine(() => lines().length > before && cli.stderr.endsWith('\n'), { stream: 'stderr' });
  return JSON.parse(lines().at(-1)?.slice('held '.length) ?? '') as Held;
}

type Visit = (server: BuiltServer, number: number) => Promise<unknown>;

async function visit({ url }: BuiltServer, options: WireOptions & { auth?: object } = {}, leave = true): Promise<void> {
  const wire = await openWire(url, { record: 0, timeoutMs, ...options });
  await wire.connect({ auth: options.auth, timeoutMs }).catch(() => {});
  if (leave) wire.drop();
  await wire.closed;
}

/** Ten ways to come and go, most of them refused. */
const VISITS: readonly Visit[] = [
  (server, number) => visit(server, { auth: { token: server.token(`user-${number % 500}`) } }),
  async (server, number) => {
    const wire = await openWire(server.url, { record: 0, timeoutMs });
    await wire.connect({ auth: { token: server.token(`user-${number % 500}`) }, timeoutMs });
    wire.emit('room:join', { room: `room-${number}` });
    wire.emit('protocol:join', { protocolId: number });
    await wire.close();
  },
  // The same user as all others of this kind: over its limit.
  (server) => visit(server, { auth: { token: server.token('crowd') } }),
  (server) => visit(server, {}, false),
  (server) => visit(server, { auth: { token: 'a.b.c' } }, false),
  (server) => visit(server, { auth: { token: 'sess_unknown' } }),
  (server) => visit(server, { query: { token: 'x' } }, false),
  ({ url }) => openWire(url, { origin: 'https://evil.example', timeoutMs }).catch(() => {}),
  async ({ url }) => {
    const wire = await openWire(url, { record: 0, timeoutMs });
    wire.sendText('40{"token":');
    await wire.closed;
  },
  async (server, number) => {
    const wire = await openWire(server.url, { record: 0, timeoutMs });
    wire.sendText(`40${JSON.stringify({ token: server.token(`gone-${number}`) })}`);
    wire.drop({ reset: number % 2 === 0 });
    await wire.closed;
  },
];

/** Runs so many visits, a hundred at a time, until time is up; resolves to how many there were. */
async function run(server: BuiltServer, cycles: number, isTimeUp: (done: number) => boolean): Promise<number> {
  let next = 0;
  const visitor = async () => {
    while (next < cycles && !isTimeUp(next)) {
      const number = next++;
      await VISITS[number % VISITS.length]?.(server, number);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, visitor));
  return next;
}

test(`up to ${CYCLES} connections (as many as fit in 45 s, at least ${CYCLES_MIN}) that come, are refused and go leave no socket, room, user, slot or timer, and no heap`, {
  timeout: 300_000,
}, async () => {
  const nodeArgs = ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(ON_SIGNAL)}`];
  const server = await startBuiltServer({ limits: { connections: 300, connectTimeout: '2s' } }, { nodeArgs });
  await run(server, WARM_UP, () => false);
  await untilEmpty(server);
  const before = await readHeld(server);
  const startedAt = performance.now();
  const done = await run(server, CYCLES, (count) => count >= CYCLES_MIN && performance.now() - startedAt > TIME_MS);
  expect(done).toBeGreaterThanOrEqual(CYCLES_MIN);
  await untilEmpty(server);
  // A tenth of a kilobyte a connection: far less than the smallest thing that could be kept of one, a socket or a timer.
  // What is leaked stays; lines of the log that nobody has read yet, and what else is on its way, goes.
  await until(
    async () => {
      const after = await readHeld(server);
      const grownBytes = after.heapBytes - before.heapBytes;
      const kept = grownBytes >= 1_000_000 + done * 100 || after.timers > before.timers + 5;
      if (kept) throw new Error(`kept of ${done} connections: ${JSON.stringify({ before, after, grownBytes })}`);
      return true;
    },
    { what: 'the heap and the timers to be what they were', withinMs: 30_000 },
  );
  const { refusedByCode } = (await readStats(server)).totals;
  expect(Object.keys(refusedByCode).sort()).toEqual(
    expect.arrayContaining([
      'CREDENTIALS_IN_QUERY',
      'ORIGIN_NOT_ALLOWED',
      'SESSION_INVALID',
      'TOKEN_INVALID',
      'UNAUTHENTICATED',
    ]),
  );
});
