/*
 * Makes the picture of the dashboard in the README: a real server, real clients, a real terminal (tmux), and what stands
 * on its screen then, drawn as SVG.
 *
 *   npm run build && node bench/picture-top.js docs/top.svg
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { drawScreen } from './draw-screen.js';

const [output = 'docs/top.svg'] = process.argv.slice(2);
const [COLUMNS, ROWS] = [100, 26];
const BIN = fileURLToPath(new URL('../bin/rtserver.js', import.meta.url));
const CROWD = fileURLToPath(new URL('./top-crowd.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'rtserver-picture-'));
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];

/** @param {string[]} args @param {RegExp} until @returns {Promise<void>} */
function start(args, until) {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => until.test(String(chunk)) && resolve());
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
  });
}

/** @param {string[]} args */
const tmux = (...args) =>
  execFileSync('tmux', ['-u', '-S', join(folder, 'tmux'), '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });

/** @param {string} token */
function refuse(token) {
  try {
    rtserver('join', 'protocol:7', '--token', token);
  } catch {
    // As it should.
  }
}

/** @param {string[]} args */
const rtserver = (...args) => execFileSync(process.execPath, [BIN, ...args], { cwd: folder, stdio: 'ignore' });

try {
  await start([BIN, 'start', '--port', '0', '--origin', 'https://app.example'], /server\.listening/);
  await start([CROWD, folder, '240', '60'], /^up /);
  tmux('new-session', '-d', '-s', 'first', 'cat', ';', 'set-option', '-g', 'status', 'off');
  const command = [process.execPath, BIN, 'top', '--view', 'sockets', '--sort', 'user'];
  tmux('new-session', '-d', '-s', 'main', '-x', String(COLUMNS), '-y', String(ROWS), '-c', folder, ...command);
  // Two who are refused, and some seconds of life for the sparklines.
  for (const token of ['a.b.c', 'sess_nobody']) refuse(token);
  for (let second = 0; second < 14; second++) {
    await wait(600);
    rtserver('emit', '--room', `protocol:${second % 5}`, '--event', 'protocol:updated', '--payload', '{"version":3}');
  }
  tmux('send-keys', '-t', 'main', 'j', 'j');
  await wait(800);
  mkdirSync(dirname(output), { recursive: true });
  const screen = tmux('capture-pane', '-p', '-e', '-t', 'main');
  writeFileSync(output, drawScreen(screen, COLUMNS, ROWS, 'rtserver top: connected sockets, live'));
  tmux('kill-server');
} finally {
  for (const child of children.reverse()) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
