#!/usr/bin/env node
// What several workers make of one machine. On few cores the clients compete with the servers, so that what is gained shows
// in the CPU of the busiest process: it is what a machine with enough cores would run out of first. Linux only: it reads
// /proc. `npm run build` first.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import jwt from 'jsonwebtoken';
import { Worker } from './compare/processes.js';
import { SECRET } from './servers/control.js';

const { values: flags } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,2,4' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '300' },
    json: { type: 'boolean', default: false },
  },
});
const COUNTS = flags.workers.split(',').map(Number);
const ROUNDS = Number(flags.rounds);
const CONNECTIONS = Number(flags.connections);
const BIN = fileURLToPath(new URL('../bin/rtserver.js', import.meta.url));
const PINGS = 100;
const EVENTS = 100;
/** Not measured: the compiler has to see the work first, in each process. */
const WARM_UP_PINGS = 50;
const PAYLOAD = { protocolId: '7', version: 3, note: 'x'.repeat(100) };

/** `rtserver start` with workers, and the CPU that each of its processes has used. */
class Server {
  pids = [];

  constructor(count) {
    this.folder = mkdtempSync(join(tmpdir(), 'rtserver-bench-'));
    this.child = spawn(process.execPath, [BIN, 'start', '--port', '0', '--workers', String(count)], {
      cwd: this.folder,
      env: {
        ...process.env,
        RTSERVER_SECRET: SECRET,
        RTSERVER_LIMITS_EVENTS_PER_SECOND: '1000000',
        RTSERVER_HEARTBEAT_TIMEOUT: '30m',
        RTSERVER_SHUTDOWN_SPREAD: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.pids.push(this.child.pid);
  }

  async start() {
    let text = '';
    this.url = await new Promise((resolve, reject) => {
      this.child.once('exit', () => reject(new Error('the server ended by itself')));
      this.child.stdout.setEncoding('utf8').on('data', (part) => {
        // Afterwards the log is only read, so that nobody waits for it.
        if (this.url !== undefined) return;
        text += part;
        const [, url] = /"url":"([^"]+)"/.exec(text) ?? [];
        if (url === undefined) return;
        for (const [, pid] of text.matchAll(/"pid":(\d+)/g)) this.pids.push(Number(pid));
        resolve(url);
      });
    });
    return this;
  }

  cpuMs() {
    return this.pids.map((pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    });
  }

  async emit(list) {
    const token = jwt.sign({ sub: 'ops', scope: 'admin' }, SECRET);
    const response = await fetch(`${this.url}/api/emit`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(list),
    });
    if (!response.ok) throw new Error(await response.text());
    await response.arrayBuffer();
  }

  async close() {
    this.child.removeAllListeners('exit');
    const exit = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exit;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const event = (to) => ({ event: 'bench:event', payload: PAYLOAD, ...(to !== undefined && { to }) });

const LANES = [
  {
    name: 'connect with a JWT',
    units: CONNECTIONS,
    run: ({ url }, peers) => peers.order('open', { url, kind: 'rtserver', connections: CONNECTIONS }),
  },
  {
    name: 'ping and its acknowledgement',
    units: CONNECTIONS * PINGS,
    run: (_server, peers) => peers.order('ping', { times: PINGS }),
  },
  {
    name: 'one event to all, a delivery',
    units: CONNECTIONS * EVENTS,
    async run(server, peers) {
      await peers.order('reset');
      const all = peers.order('collect', { total: CONNECTIONS * EVENTS });
      for (let count = 0; count < EVENTS; count += 1) await server.emit(event());
      await all;
    },
  },
  {
    name: 'an event to each user, a delivery',
    units: CONNECTIONS * EVENTS,
    async run(server, peers) {
      await peers.order('reset');
      const all = peers.order('collect', { total: CONNECTIONS * EVENTS });
      const list = Array.from({ length: CONNECTIONS }, (_, user) => event({ users: [`u${user}`] }));
      for (let count = 0; count < EVENTS; count += 1) await server.emit(list);
      await all;
    },
  },
];

async function measure(count, samples) {
  const server = await new Server(count).start();
  const peers = new Worker('./peers.js');
  await peers.ready;
  for (const { name, units, run } of LANES) {
    if (name.startsWith('ping')) await peers.order('ping', { times: WARM_UP_PINGS });
    const before = server.cpuMs();
    const startedAt = performance.now();
    await run(server, peers);
    const seconds = (performance.now() - startedAt) / 1_000;
    const cpu = server.cpuMs().map((ms, at) => ((ms - before[at]) * 1_000) / units);
    const { least, most } = name.startsWith('one event') ? await peers.order('tally') : { least: EVENTS, most: EVENTS };
    if (least !== EVENTS || most !== EVENTS) throw new Error(`${least} to ${most} of ${EVENTS} events came`);
    samples.push({
      ...{ count, name },
      perSecond: units / seconds,
      totalUs: cpu.reduce((sum, each) => sum + each, 0),
      busiestUs: Math.max(...cpu),
    });
  }
  await peers.close();
  await server.close();
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const samples = [];
for (let round = 0; round < ROUNDS; round += 1) for (const count of COUNTS) await measure(count, samples);
const rows = LANES.flatMap(({ name }) =>
  COUNTS.map((count) => {
    const of = (key, which = count) =>
      median(samples.filter((each) => each.name === name && each.count === which).map((each) => each[key]));
    return {
      ...{ lane: name, workers: count },
      perSecond: Math.round(of('perSecond')),
      'of all, us': of('totalUs').toFixed(1),
      'of the busiest, us': of('busiestUs').toFixed(1),
      throughput: (of('perSecond') / of('perSecond', COUNTS[0])).toFixed(2),
      'with enough cores': (of('busiestUs', COUNTS[0]) / of('busiestUs')).toFixed(2),
    };
  }),
);
if (flags.json) process.stdout.write(`${JSON.stringify({ rows, samples })}\n`);
else {
  console.table(rows);
  console.log(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, ${ROUNDS} rounds`);
}
