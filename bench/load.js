#!/usr/bin/env node
// What the load generator costs: CPU for each 1,000 connections beside Artillery's own Socket.IO engine, and memory for
// each socket that is held. The two take turns in every round, and the ratio is the median of the ratios within the rounds.
// `npm run build` first; Linux only (it reads /proc).
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    connections: { type: 'string', default: '1000' },
    held: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const connections = Number(flags.connections);
const held = Number(flags.held);
const rounds = Number(flags.rounds);
const RATE = 100;
const TICKS_A_SECOND = 100;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'bin/rtserver.js');
const ARTILLERY = join(dirname(createRequire(import.meta.url).resolve('artillery/package.json')), 'bin/run');
const SERVER = `
import { createServer } from 'node:http';
import { Server } from 'socket.io';
const http = createServer();
const io = new Server(http, { pingInterval: 60000 });
io.on('connection', (socket) => socket.on('ping', (...args) => args.at(-1)?.({ ok: true })));
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
http.listen(0, '127.0.0.1', () => process.send({ port: http.address().port }));
`;

const folder = mkdtempSync(join(tmpdir(), 'rtserver-bench-load-'));
const { RTSERVER_URL: _url, RTSERVER_TOKEN: _token, ...env } = process.env;

async function startServer() {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SERVER], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ port }] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}`, close: () => child.kill() };
}

/** CPU seconds of a process and its descendants until it ends; what a thread uses counts for its process. */
async function cpuOf(args) {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, ARTILLERY_DISABLE_TELEMETRY: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const seen = new Map();
  const timer = setInterval(() => {
    for (const [pid, ticks] of descendants(child.pid)) seen.set(pid, Math.max(ticks, seen.get(pid) ?? 0));
  }, 50);
  const [code] = await once(child, 'exit');
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}\n${output}`);
  return [...seen.values()].reduce((sum, ticks) => sum + ticks, 0) / TICKS_A_SECOND;
}

function descendants(root) {
  const all = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return [{ pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
    } catch {
      return [];
    }
  });
  const found = new Set([root]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid)).map(({ pid, ticks }) => [pid, ticks]);
}

/** The same for both: so many connections at 100 a second, then held until all have been there for 3 s. */
function writeScenarios(url, count) {
  const seconds = count / RATE;
  const stock = join(folder, `stock-${count}.json`);
  writeFileSync(
    stock,
    JSON.stringify({
      config: {
        target: url,
        phases: [{ duration: `${Math.max(1_000, seconds * 1_000)}ms`, arrivalCount: count }],
        socketio: { transports: ['websocket'] },
      },
      scenarios: [{ engine: 'socketio', flow: [{ think: seconds + 3 }] }],
    }),
  );
  const ours = join(folder, `cohort-${count}.yml`);
  writeFileSync(
    ours,
    JSON.stringify({
      scenarios: [
        {
          engine: 'rtserver',
          flow: [{ cohort: { sockets: count, rate: RATE, keepAlive: false }, as: 'crowd' }, { think: 3 }],
        },
      ],
    }),
  );
  return { stock, ours };
}

/** One turn of each: what many connections cost over what a single one does, by which the start falls out. */
async function measureCpu(server) {
  const cpu = { stock: [], ours: [] };
  for (const count of [1, connections]) {
    const files = writeScenarios(server.url, count);
    cpu.stock.push(await cpuOf([ARTILLERY, 'run', '--quiet', files.stock]));
    cpu.ours.push(await cpuOf([BIN, 'load', files.ours, '--url', server.url, '--token', 'x.y.z', '--quiet']));
  }
  const per1000 = ([one, many]) => ((many - one) / (connections - 1)) * 1_000;
  const [stock, ours] = [per1000(cpu.stock), per1000(cpu.ours)];
  return { stockCpuSeconds: stock, cohortCpuSeconds: ours, ratio: ours / stock };
}

/** In a process of its own, without Artillery: what the sockets themselves take. */
async function measureMemory(server) {
  const child = fork(fileURLToPath(new URL('load-held.js', import.meta.url)), [server.url, String(held)], {
    execArgv: ['--expose-gc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the sockets could not be held (exit ${code})`);
  });
  const [result] = await Promise.race([once(child, 'message'), ended]);
  await ended.catch(() => {});
  return result;
}

/** A server of its own, so that none has to carry what another measurement left. */
async function inTurn(measure) {
  const server = await startServer();
  try {
    return await measure(server);
  } finally {
    server.close();
  }
}

/** The middle one of what each round came to. */
function median(results, key) {
  const values = results.map((result) => result[key]).sort((left, right) => left - right);
  const middle = Math.floor(values.length / 2);
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/** @param {string} line */
const say = (line) => flags.json || console.log(line);

try {
  const cpu = [];
  const memory = [];
  for (let round = 1; round <= rounds; round += 1) {
    cpu.push(await inTurn(measureCpu));
    const { stockCpuSeconds, cohortCpuSeconds, ratio } = cpu.at(-1);
    say(
      `${round}: stock ${stockCpuSeconds.toFixed(2)} s, cohort ${cohortCpuSeconds.toFixed(2)} s: ${ratio.toFixed(3)}`,
    );
    memory.push(await inTurn(measureMemory));
    say(`${round}: ${(memory.at(-1).bytesPerSocket / 1_000).toFixed(1)} kB with ${memory.at(-1).held} held`);
  }
  const middle = Object.fromEntries(Object.keys(cpu[0]).map((key) => [key, median(cpu, key)]));
  const bytesPerSocket = median(memory, 'bytesPerSocket');
  const fewest = Math.min(...memory.map((each) => each.held));
  const [stock, ours] = [middle.stockCpuSeconds.toFixed(2), middle.cohortCpuSeconds.toFixed(2)];
  say(`CPU for 1,000 connections   stock ${stock} s, cohort ${ours} s: ${middle.ratio.toFixed(3)} times (at most 0.1)`);
  say(`memory of a held socket     ${(bytesPerSocket / 1_000).toFixed(1)} kB with ${fewest} held (at most 15 kB)`);
  const machine = `${cpus().length} × ${cpus()[0]?.model}`;
  const all = { ...middle, bytesPerSocket, held: fewest, rounds: { cpu, memory } };
  if (flags.json) console.log(JSON.stringify({ machine, node: process.version, connections, ...all }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
