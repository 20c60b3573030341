#!/usr/bin/env node
// What the command line loads before it does anything, and which of it costs the most:
//   npm run build && node bench/imports.js
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const BIN = fileURLToPath(new URL('../bin/rtserver.js', import.meta.url));
const ROUNDS = 5;
const SHOWN = 8;
const CASES = [['--help'], ['token', '--user', '42'], ['start', '--port', '0']];

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'rtserver-imports-'));
const list = join(folder, 'loaded.txt');

// Modules pass through the loader, what they `require` through `Module._load`: both write down what they are asked for.
const write = `(url) => require('node:fs').appendFileSync(${JSON.stringify(list)}, url + '\\n')`;
const loader = `import { createRequire } from 'node:module'; const require = createRequire('file:///');
  export async function load(url, context, next) { (${write})(url); return next(url, context); }`;
writeFileSync(
  join(folder, 'preload.mjs'),
  `import Module, { createRequire, register } from 'node:module'; const require = createRequire('file:///');
  register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(loader)}`)});
  const { _resolveFilename } = Module;
  Module._resolveFilename = function (...args) {
    const path = _resolveFilename.apply(this, args);
    if (path.startsWith('/')) (${write})('file://' + path);
    return path;
  };`,
);

/** @param {string[]} args @returns {Promise<string[]>} files, in the order in which they are asked for */
async function listLoaded(args) {
  writeFileSync(list, '');
  const preload = ['--import', pathToFileURL(join(folder, 'preload.mjs')).href];
  const child = spawn(process.execPath, [...preload, BIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.stdout.on('data', (chunk) => String(chunk).includes('server.listening') && child.kill('SIGTERM'));
  await new Promise((resolve) => child.once('exit', resolve));
  const urls = readFileSync(list, 'utf8')
    .split('\n')
    .filter((url) => url.startsWith('file:'));
  return [...new Set(urls)].map((url) => fileURLToPath(url));
}

/** @param {string} path */
const packageOf = (path) => /.*\/node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)/.exec(path)?.groups?.['name'] ?? 'rtserver';

/** @param {string | undefined} path what a process of its own takes that imports this file, in milliseconds */
async function measure(path) {
  const samples = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const code = path === undefined ? '' : `await import(${JSON.stringify(pathToFileURL(path).href)})`;
    const startedAt = performance.now();
    await run(process.execPath, ['--input-type=module', '-e', code]);
    samples.push(performance.now() - startedAt);
  }
  return Math.min(...samples);
}

try {
  const bare = await measure(undefined);
  process.stdout.write(`Node ${process.version}, bare: ${bare.toFixed(0)} ms; best of ${ROUNDS} runs\n`);
  for (const args of CASES) {
    const files = await listLoaded(args);
    const byPackage = group(files);
    process.stdout.write(`\nrtserver ${args.join(' ')}: ${files.length} files of ${byPackage.size} packages\n`);
    const costs = [];
    for (const [name, [first = '', ...rest]] of byPackage) {
      if (name === 'rtserver') continue;
      // The file that is asked for first is the package's door: with it comes all that it needs.
      costs.push({ name, files: rest.length + 1, ms: (await measure(first).catch(() => bare)) - bare });
    }
    for (const { name, files: count, ms } of costs.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN)) {
      process.stdout.write(`${name.padEnd(28)}${String(count).padStart(5)} files${ms.toFixed(0).padStart(7)} ms\n`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string[]} files @returns {Map<string, string[]>} */
function group(files) {
  const groups = new Map();
  for (const file of files) groups.set(packageOf(file), [...(groups.get(packageOf(file)) ?? []), file]);
  return groups;
}
