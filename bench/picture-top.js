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

const COLOURS = { 31: '#ff7b72', 32: '#7ee787', 35: '#d2a8ff', 36: '#79c0ff' };
const [TEXT, DIM, PAPER] = ['#e6edf3', '#8b949e', '#0d1117'];
const [WIDTH, HEIGHT, MARGIN] = [8.4, 18, 16];

/** @param {string} text */
const toXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @param {string} character columns that it takes */
const widthOf = (character) => (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]/.test(character) ? 2 : 1);

/** @param {string} line with the escape sequences of one row @param {number} row */
function drawLine(line, row) {
  let style = { colour: TEXT, bold: false, inverse: false };
  let column = 0;
  const parts = [];
  const y = MARGIN + row * HEIGHT;
  for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) {
      for (const code of (codes || '0').split(';').map(Number)) {
        if (code === 0) style = { colour: TEXT, bold: false, inverse: false };
        else if (code === 1) style = { ...style, bold: true };
        else if (code === 2) style = { ...style, colour: DIM };
        else if (code === 7) style = { ...style, inverse: true };
        else if (code in COLOURS) style = { ...style, colour: COLOURS[/** @type {31} */ (code)] };
        else if (code === 39) style = { ...style, colour: TEXT };
      }
      continue;
    }
    const columns = [...text].reduce((sum, each) => sum + widthOf(each), 0);
    const x = (MARGIN + column * WIDTH).toFixed(1);
    column += columns;
    const { colour, bold, inverse } = style;
    if (inverse)
      parts.push(`<rect x="${x}" y="${y}" width="${(columns * WIDTH).toFixed(1)}" height="${HEIGHT}" fill="${TEXT}"/>`);
    if (text.trim() === '') continue;
    // Given its length, so that the columns line up whatever font there is.
    const fit = `textLength="${(columns * WIDTH).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
    const fill = `fill="${inverse ? PAPER : colour}"${bold ? ' font-weight="bold"' : ''}`;
    parts.push(`<text x="${x}" y="${y + 13.5}" ${fit} ${fill} xml:space="preserve">${toXml(text)}</text>`);
  }
  return parts.join('');
}

/** @param {string} screen */
function draw(screen) {
  const [width, height] = [COLUMNS * WIDTH + 2 * MARGIN, ROWS * HEIGHT + 2 * MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="rtserver top: connected sockets, live">`,
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">',
    ...screen.split('\n').slice(0, ROWS).map(drawLine),
    '</g></svg>',
    '',
  ].join('\n');
}

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
  writeFileSync(output, draw(tmux('capture-pane', '-p', '-e', '-t', 'main')));
  tmux('kill-server');
} finally {
  for (const child of children.reverse()) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
