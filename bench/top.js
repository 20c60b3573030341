/*
 * What `rtserver top` costs: itself, and the server that it watches. See bench/README.md. Needs tmux, and /proc.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const BIN = fileURLToPath(new URL('../bin/rtserver.js', import.meta.url));
const CROWD = fileURLToPath(new URL('./top-crowd.js', import.meta.url));
const TICKS_A_SECOND = 100;

const { values: flags } = parseArgs({
  options: {
    sockets: { type: 'string', default: '10000' },
    moves: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    view: { type: 'string', default: 'sockets' },
    sort: { type: 'string', default: 'events' },
    size: { type: 'string', default: '120x40' },
    json: { type: 'boolean', default: false },
  },
});
const [columns = '120', rows = '40'] = flags.size.split('x');
const seconds = Number(flags.seconds);

const folder = mkdtempSync(join(tmpdir(), 'rtserver-top-'));
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];

/** @param {string[]} args @param {RegExp} until @returns {Promise<number>} its pid, once its output fits */
function start(args, until) {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-10_000);
      if (until.test(output)) resolve(child.pid ?? 0);
    });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${output}`)));
  });
}

/** @param {string[]} args */
const tmux = (...args) =>
  execFileSync('tmux', ['-u', '-S', join(folder, 'tmux'), '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });
const screen = () => tmux('capture-pane', '-p', '-t', 'main');

/** @param {number} pid seconds of processor time since its start */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** @param {number} pid */
const megabytesOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

const recording = join(folder, 'top.cast');
/** How many frames have been drawn. */
const framesDrawn = () => readFileSync(recording, 'utf8').split('\n').length;

/** @param {RegExp} pattern @returns {Promise<number>} milliseconds until the screen fits */
async function untilScreen(pattern) {
  const startedAt = performance.now();
  while (!pattern.test(screen())) {
    if (performance.now() - startedAt > 20_000) throw new Error(`the screen never fitted ${pattern}:\n${screen()}`);
    await wait(5);
  }
  return performance.now() - startedAt;
}

/** @param {number[]} pids @returns {Promise<number[]>} shares of a core */
async function measure(pids) {
  const before = pids.map(cpuOf);
  const startedAt = performance.now();
  await wait(seconds * 1_000);
  const took = (performance.now() - startedAt) / 1_000;
  return pids.map((pid, at) => (cpuOf(pid) - (before[at] ?? 0)) / took);
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2)];
  return ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2;
}

/** @type {Record<'server' | 'watched' | 'top' | 'frames' | 'megabytes' | 'firstPictureMs' | 'keyMs', number[]>} */
const samples = { server: [], watched: [], top: [], frames: [], megabytes: [], firstPictureMs: [], keyMs: [] };
try {
  const server = await start([BIN, 'start', '--port', '0'], /server\.listening/);
  await start([CROWD, folder, flags.sockets, flags.moves], /^up /);
  tmux('new-session', '-d', '-s', 'first', 'cat', ';', 'set-option', '-g', 'status', 'off');
  // Turn by turn, so that a busy moment of the machine meets both.
  for (let round = 0; round < Number(flags.rounds); round++) {
    await wait(2_000);
    const [alone = 0] = await measure([server]);
    samples.server.push(alone);

    const command = [process.execPath, BIN, 'top', '--view', flags.view, '--sort', flags.sort, '--record', recording];
    tmux('new-session', '-d', '-s', 'main', '-x', columns, '-y', rows, '-c', folder, ...command);
    samples.firstPictureMs.push(await untilScreen(/● live[\s\S]*› /));
    const top = Number(tmux('display-message', '-p', '-t', 'main', '#{pane_pid}'));
    await wait(2_000);
    const before = framesDrawn();
    const [watched = 0, own = 0] = await measure([server, top]);
    samples.frames.push((framesDrawn() - before) / seconds);
    samples.watched.push(watched);
    samples.top.push(own);
    samples.megabytes.push(megabytesOf(top));
    for (const [key, shown] of [
      ['3', /\[3 Users\][\s\S]*› /],
      ['1', /\[1 Rooms\][\s\S]*› /],
      ['?', /ctrl-u ctrl-d/],
    ]) {
      tmux('send-keys', '-t', 'main', key);
      samples.keyMs.push(await untilScreen(shown));
      await wait(700);
    }
    tmux('kill-session', '-t', 'main');
  }
} finally {
  if (existsSync(join(folder, 'tmux'))) tmux('kill-server');
  for (const child of children.reverse()) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

const report = {
  node: process.version,
  cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
  load: loadavg()[0]?.toFixed(1),
  ...{ sockets: Number(flags.sockets), movesPerSecond: Number(flags.moves), view: flags.view, sort: flags.sort },
  topCpu: median(samples.top),
  framesPerSecond: median(samples.frames),
  topMegabytes: Math.max(...samples.megabytes),
  serverAlone: median(samples.server),
  serverWatched: median(samples.watched),
  added: median(samples.watched.map((watched, at) => watched - (samples.server[at] ?? 0))),
  firstPictureMs: median(samples.firstPictureMs),
  keyMs: median(samples.keyMs),
  slowestKeyMs: Math.max(...samples.keyMs),
  samples,
};

/** @param {number} value */
const percent = (value) => `${(value * 100).toFixed(1)} % of a core`;
/** @param {boolean} holds */
const verdict = (holds) => (holds ? 'within' : 'OVER');
const lines = [
  `Node ${report.node}, ${report.cpu}, load ${report.load}`,
  `${flags.sockets} sockets, ${flags.moves} joins and leaves a second, ${flags.size}, view ${flags.view} by ${flags.sort}`,
  '',
  `top itself         ${percent(report.topCpu)}, goal 10: ${verdict(report.topCpu < 0.1)}`,
  `  for              ${report.framesPerSecond.toFixed(1)} frames a second`,
  `its memory         ${report.topMegabytes.toFixed(0)} MB, goal 150: ${verdict(report.topMegabytes < 150)}`,
  `the server, alone  ${percent(report.serverAlone)}`,
  `  while watched    ${percent(report.serverWatched)}, added ${percent(report.added)}, goal 3: ${verdict(report.added < 0.03)}`,
  `first picture      ${report.firstPictureMs.toFixed(0)} ms, goal 1,000: ${verdict(report.firstPictureMs < 1_000)}`,
  `a key answered     ${report.keyMs.toFixed(0)} ms, at most ${report.slowestKeyMs.toFixed(0)}, goal 100: ${verdict(report.slowestKeyMs < 100)}`,
];
process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join('\n')}\n`);
