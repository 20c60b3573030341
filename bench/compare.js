#!/usr/bin/env node
// rtserver beside stock Socket.IO with hand-written care, and beside a raw WebSocket server with the same: separate
// processes, taking turns, CPU from the operating system, every message counted at the receivers. `npm run build` first.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { LANES } from './compare/lanes.js';
import { Pair } from './compare/pairs.js';
import { hasRedis, redisUrl, stopRedis } from './compare/redis.js';
import { renderTable, summarize } from './compare/report.js';
import { readFlags, refuse } from './flags.js';

const LANE_NAMES = LANES.map(({ name }) => name);
const flags = readFlags(
  {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    lane: { type: 'string', multiple: true },
  },
  `Usage: npm run bench -- [--lane NAME]... [--rounds N] [--json] [--quick]

rtserver beside stock Socket.IO and raw ws; a quarter of an hour for all lanes:
${LANE_NAMES.join(', ')}

  npm run bench -- --lane single --lane ack --rounds 3`,
);
const FULL = {
  receivers: 1_000,
  pollers: 100,
  connections: 1_000,
  idle: 5_000,
  most: 20_000,
  httpSeconds: 3,
  scale: 1,
  rounds: 5,
};
/** Shows that everything works; the figures mean nothing. */
const QUICK = {
  receivers: 20,
  pollers: 5,
  connections: 20,
  idle: 20,
  most: 40,
  httpSeconds: 1,
  scale: 0.05,
  rounds: 1,
};
const ALL = ['rtserver', 'stock', 'ws'];

const plan = flags.quick ? QUICK : FULL;
const rounds = flags.rounds === undefined ? plan.rounds : Number(flags.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  refuse(`--rounds must be a whole number of at least 1, got "${flags.rounds}"`);
const unknown = flags.lane?.find((name) => !LANE_NAMES.includes(name));
if (unknown !== undefined) refuse(`no lane "${unknown}"; there are ${LANE_NAMES.join(', ')}`);

/** Starts the servers of a lane, unless they still run. */
async function openPairs(kinds, { peers, redis }) {
  const pairs = await Promise.all(kinds.map(async (kind) => new Pair(kind, await envOf(redis)).start()));
  if (peers === 'crowd') for (const pair of pairs) await pair.crowd(plan.receivers);
  if (peers === 'polling') for (const pair of pairs) await pair.crowd(plan.pollers, 'polling');
  return pairs;
}

const envOf = async (redis) => (redis ? { BENCH_REDIS_URL: await redisUrl() } : {});

const closePairs = (pairs) => Promise.all(pairs.map((pair) => pair.close()));

async function measure(lane, pairs) {
  const samples = Object.fromEntries(pairs.map(({ kind }) => [kind, []]));
  // A first round, not counted, for the compiler.
  for (let round = lane.isFresh || flags.quick ? 0 : -1; round < rounds; round += 1) {
    // Each server goes first in turn: whatever disturbs the machine meets all of them.
    for (let turn = 0; turn < pairs.length; turn += 1) {
      const pair = lane.isFresh
        ? await new Pair(pairs[(turn + round) % pairs.length].kind, await envOf(lane.redis)).start()
        : pairs[(turn + round + pairs.length) % pairs.length];
      const figures = await lane.run(pair, plan);
      if (lane.isFresh) await pair.close();
      if (round >= 0) samples[pair.kind].push(figures);
    }
  }
  return summarize(lane, samples);
}

const results = [];
let pairs = [];
let running = '';
const isPossible = hasRedis();
if (!isPossible) process.stderr.write('without redis-server, the lanes with Redis are left out\n');
const chosen = LANES.filter(({ name, redis }) => (flags.lane?.includes(name) ?? true) && (isPossible || !redis));
for (const lane of chosen) {
  const kinds = lane.servers ?? ALL;
  const wanted = `${kinds} ${lane.peers} ${lane.redis}`;
  if (wanted !== running) {
    await closePairs(pairs);
    pairs = lane.isFresh ? kinds.map((kind) => ({ kind, close() {} })) : await openPairs(kinds, lane);
    running = wanted;
  }
  process.stderr.write(`${lane.name} … `);
  const result = await measure(lane, pairs);
  results.push(result);
  const ratios = Object.entries(result.ratios).map(([server, ratio]) => `${ratio.toFixed(2)} times ${server}`);
  process.stderr.write(`${ratios.join(', ')}\n`);
}
await closePairs(pairs);
await stopRedis();

const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
const about = {
  node: process.version,
  machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
  versions: Object.fromEntries(['socket.io', 'engine.io', 'ws', 'express'].map((name) => [name, versionOf(name)])),
  fastPath: process.env.RTSERVER_FAST_PATH !== '0',
  rounds,
};
if (flags.json) process.stdout.write(`${JSON.stringify({ ...about, lanes: results }, null, 2)}\n`);
else {
  const versions = Object.entries(about.versions).map(([name, version]) => `${name} ${version}`);
  process.stdout.write(`Node ${about.node}, ${versions.join(', ')}; ${about.machine}; medians of ${rounds} rounds\n\n`);
  process.stdout.write(`${renderTable(results)}\n`);
}
