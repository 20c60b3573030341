/*
 * Makes the picture of a verdict in the README: a real run of a scenario in a real terminal (tmux), and what stands on its
 * screen then, drawn as SVG.
 *
 *   npm run build && node bench/picture-load.js docs/load.svg
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { drawScreen } from './draw-screen.js';

const [output = 'docs/load.svg'] = process.argv.slice(2);
const [COLUMNS, ROWS] = [120, 21];
const DEADLINE_MS = 100_000;
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'rtserver-picture-'));

/** @param {string[]} args */
const tmux = (...args) =>
  execFileSync('tmux', ['-u', '-S', join(folder, 'tmux'), '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });
/** @param {string[]} flags */
const capture = (...flags) => tmux('capture-pane', '-p', ...flags, '-t', 'main');

try {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  tmux('new-session', '-d', '-s', 'first', 'cat', ';', 'set-option', '-g', 'status', 'off');
  const size = ['-x', String(COLUMNS), '-y', String(ROWS)];
  tmux('new-session', '-d', '-s', 'main', ...size, '-c', folder, 'env', 'PS1=$ ', 'bash', '--norc', '--noprofile');
  tmux(
    'send-keys',
    '-t',
    'main',
    `rtserver() { '${process.execPath}' '${ROOT}bin/rtserver.js' "$@"; }; clear`,
    'Enter',
  );
  await wait(500);
  tmux('send-keys', '-t', 'main', 'rtserver load limits', 'Enter');
  const deadline = Date.now() + DEADLINE_MS;
  while (!/^(?:PASSED|FAILED) /m.test(capture())) {
    if (Date.now() > deadline) throw new Error(`no verdict in ${DEADLINE_MS} ms:\n${capture()}`);
    await wait(200);
  }
  await wait(500);
  writeFileSync(
    output,
    drawScreen(capture('-e'), COLUMNS, ROWS, 'rtserver load: a verdict, expectation by expectation'),
  );
} finally {
  tmux('kill-server');
  rmSync(folder, { recursive: true, force: true });
}
