#!/usr/bin/env node
// Does the cost for each connection stay the same when there are more? One event to everybody, for growing crowds, rtserver
// beside stock Socket.IO. `npm run build` first; `npm run bench:scale` raises the limit of open files.
import { readFileSync } from 'node:fs';
import { Pair } from './compare/pairs.js';
import { readFlags, refuse } from './flags.js';

const flags = readFlags(
  {
    sizes: { type: 'string', default: '1000,2000,5000,10000,20000' },
    json: { type: 'boolean', default: false },
  },
  `Usage: npm run bench:scale -- [--sizes N,N...] [--json]

One event to everybody, in growing crowds: rtserver beside stock Socket.IO; ten minutes for all sizes.

  npm run bench:scale -- --sizes 1000,5000`,
);
const ORDERS = 20;
const EVERY_MS = 100;
const SPARE_FILES = 200;
const PAYLOAD = { protocolId: '7', version: 3, text: 'x'.repeat(140) };

const [, files] = /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
const sizes = flags.sizes.split(',').map((size) => Math.min(Number(size), Number(files) - SPARE_FILES));
if (!sizes.every((size) => Number.isInteger(size) && size >= 1))
  refuse(`--sizes must be whole numbers of at least 1, got "${flags.sizes}"`);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(kind, size) {
  const pair = await new Pair(kind).start();
  const { server, peers } = pair;
  try {
    const rss = server.rssBytes();
    const connecting = server.cpuMs();
    await pair.crowd(size);
    const connectUs = ((server.cpuMs() - connecting) * 1_000) / size;
    await server.order('collectGarbage');
    const kB = (server.rssBytes() - rss) / size / 1_000;
    await peers.order('reset', {});
    await server.order('watchLoop');
    const sending = server.cpuMs();
    const calls = [];
    for (let order = 1; order <= ORDERS; order += 1) {
      const send = server.order('toRoom', { room: 'crowd', events: 1, payload: PAYLOAD });
      const [{ callUs }] = await Promise.all([send, pause(EVERY_MS)]);
      calls.push(callUs / 1_000);
      await peers.order('collect', { total: order * size });
    }
    const deliveryUs = ((server.cpuMs() - sending) * 1_000) / (size * ORDERS);
    const { p99, max } = await server.order('loopDelay');
    const { least, most } = await peers.order('tally');
    if (least !== ORDERS || most !== ORDERS) throw new Error(`receivers got ${least} to ${most} events, not ${ORDERS}`);
    const callMs = calls.toSorted((a, b) => a - b)[ORDERS >> 1];
    return { kind, size, connectUs, kB, deliveryUs, callMs, loopP99Ms: p99, loopMaxMs: max };
  } finally {
    await pair.close();
  }
}

const rows = [];
for (const size of sizes) {
  for (const kind of ['rtserver', 'stock']) {
    if (!flags.json) process.stderr.write(`${size} connections to ${kind} …\n`);
    rows.push(await measure(kind, size));
  }
}
if (flags.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else {
  const head = [
    ...['connections', 'server', 'connect and join, us', 'kB each', 'a delivery, us', 'the call that emits, ms'],
    ...['event loop p99, ms', 'max, ms'],
  ];
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  process.stdout.write(line(head) + line(head.map((_, column) => (column === 1 ? '---' : '--:'))));
  for (const { kind, size, ...figures } of rows) {
    process.stdout.write(line([size, kind, ...Object.values(figures).map((figure) => figure.toFixed(1))]));
  }
}
