#!/usr/bin/env node
// What being a node of a cluster costs: one server alone beside the same one on Redis, taking turns, and how long events take
// to the clients of another node. `npm run build` first; needs `redis-server`. `--rounds N`, `--quick`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { Pair } from './compare/pairs.js';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
});
const plan = flags.quick
  ? { rounds: 1, receivers: 20, emissions: 100, connections: 20, ticks: 5 }
  : { rounds: Number(flags.rounds), receivers: 200, emissions: 1_000, connections: 300, ticks: 50 };
const PAYLOAD = { protocolId: '7', version: 3, text: 'x'.repeat(140) };
const SMALL_ROOMS = 100;
const TICK_MS = 20;
/** As after a restart: the server has enough to do, whatever each connection waits for. */
const AT_ONCE = 100;

async function startRedis() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', options, { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return { url: `redis://127.0.0.1:${port}`, close: () => child.kill('SIGKILL') };
    await pause(50);
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function cpuPer({ server }, units, work) {
  const before = server.cpuMs();
  await work();
  return ((server.cpuMs() - before) * 1_000) / units;
}

/** Orders, each with `each` deliveries at the peers, all of which must come. */
async function deliver(sender, receiver, { orders, each, order, spacedMs = 0, watchLatency = false }) {
  await receiver.peers.order('reset', { watchLatency });
  for (let count = 1; count <= orders; count += 1) {
    if (spacedMs > 0) await pause(spacedMs);
    await sender.server.order(...order);
    await receiver.peers.order('collect', { total: count * each });
  }
  return (await receiver.peers.order('tally')).latencies;
}

const LANES = {
  /** To 100 rooms in turn, nearly alone in each: nothing hides what an emission itself costs. */
  async emission(pair) {
    const orders = Math.ceil(plan.emissions / SMALL_ROOMS);
    const work = () =>
      deliver(pair, pair, {
        orders,
        each: plan.receivers,
        order: ['toRooms', { rooms: SMALL_ROOMS, payload: PAYLOAD }],
      });
    return cpuPer(pair, orders * SMALL_ROOMS, work);
  },
  async fanOut(pair) {
    const orders = Math.ceil(plan.emissions / 100);
    const order = ['toRoom', { room: 'crowd', events: 1, payload: PAYLOAD }];
    return cpuPer(pair, orders * plan.receivers, () => deliver(pair, pair, { orders, each: plan.receivers, order }));
  },
};

async function latency(sender, receiver, percentile) {
  const order = ['toRoom', { room: 'crowd', events: 1, payload: PAYLOAD, at: true }];
  const latencies = await deliver(sender, receiver, {
    orders: plan.ticks,
    each: plan.receivers,
    order,
    spacedMs: TICK_MS,
    watchLatency: true,
  });
  return percentile.map((each) => latencies[Math.floor((latencies.length - 1) * each)]);
}

async function connectAll(pair) {
  const before = pair.server.cpuMs();
  const startedAt = performance.now();
  await pair.open({ connections: plan.connections, atOnce: AT_ONCE });
  const seconds = (performance.now() - startedAt) / 1_000;
  const us = ((pair.server.cpuMs() - before) * 1_000) / plan.connections;
  await pair.peers.order('close');
  await pause(200);
  return { rate: plan.connections / seconds, us };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const show = (values, digits = 1) => median(values).toFixed(digits);
const ratios = (ours, theirs) =>
  show(
    ours.map((value, at) => value / theirs[at]),
    2,
  );

/** Both in turn, each first in every other round; a first round, not counted, for the compiler. */
async function takeTurns(pairs, measure) {
  const samples = pairs.map(() => []);
  for (let round = flags.quick ? 0 : -1; round < plan.rounds; round += 1) {
    for (let turn = 0; turn < pairs.length; turn += 1) {
      const at = (turn + round + pairs.length) % pairs.length;
      const figure = await measure(pairs[at]);
      if (round >= 0) samples[at].push(figure);
    }
  }
  return samples;
}

const redis = await startRedis();
const env = { BENCH_REDIS_URL: redis.url };
const opened = [];
const open = async (more) => {
  const pair = await new Pair('rtserver', more).start();
  opened.push(pair);
  return pair;
};

try {
  const [alone, node] = [await open({}), await open(env)];
  const rows = [];
  const connecting = await takeTurns([alone, node], connectAll);
  const [ratesAlone, ratesNode] = connecting.map((figures) => figures.map(({ rate }) => rate));
  const [usAlone, usNode] = connecting.map((figures) => figures.map(({ us }) => us));
  rows.push([
    'connections a second (more is better)',
    show(ratesAlone, 0),
    show(ratesNode, 0),
    ratios(ratesNode, ratesAlone),
  ]);
  rows.push(['a connection, us of the server', show(usAlone, 0), show(usNode, 0), ratios(usNode, usAlone)]);

  for (const pair of [alone, node]) await pair.crowd(plan.receivers);
  for (const [name, lane] of Object.entries(LANES)) {
    const [before, after] = await takeTurns([alone, node], lane);
    const title = { emission: 'an emission to a room of few, us', fanOut: `a delivery to ${plan.receivers}, us` }[name];
    rows.push([title, show(before), show(after), ratios(after, before)]);
  }

  const other = await open(env);
  await other.crowd(plan.receivers);
  // The node that sends has clients too, who are served first: what a cluster is like.
  const here = await takeTurns([alone], (pair) => latency(pair, pair, [0.5, 0.99]));
  const there = await takeTurns([other], (pair) => latency(node, pair, [0.5, 0.99]));
  for (const [at, percentile] of ['p50', 'p99'].entries()) {
    const [local, remote] = [here, there].map(([figures]) => figures.map((figure) => figure[at]));
    rows.push([
      `an event to ${plan.receivers} clients, ${percentile}, ms; of another node`,
      show(local),
      show(remote),
      '',
    ]);
  }

  console.log('| | alone | on Redis | ratio |\n| --- | --: | --: | --: |');
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
} finally {
  await Promise.all(opened.map((pair) => pair.close()));
  redis.close();
}
