#!/usr/bin/env node
// How long a person waits for the command line: whole processes, from spawn to exit (for `start`: to listening).
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const BIN = fileURLToPath(new URL('../bin/rtserver.js', import.meta.url));
const { values: flags } = parseArgs({
  options: { runs: { type: 'string', default: '21' }, json: { type: 'boolean', default: false } },
});
const runs = Number(flags.runs);
if (!Number.isInteger(runs) || runs < 1)
  throw new Error(`--runs must be a whole number of at least 1, got ${flags.runs}`);

const { RTSERVER_SECRET: _, ...env } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'rtserver-bench-'));

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string[]} args what node runs
 * @property {string} [until] text that ends the measurement; the process is then stopped
 * @property {number} [limit] times the first case, at most
 * @property {number} [goal] times the first case, aimed at
 */

/** @type {Case[]} */
const cases = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'rtserver --help', args: [BIN, '--help'], limit: 2.2, goal: 1.6 },
  { name: 'rtserver token --user 42', args: [BIN, 'token', '--user', '42'], limit: 4, goal: 2.5 },
  { name: 'rtserver start, until it listens', args: [BIN, 'start', '--port', '0'], until: 'server.listening' },
];

/**
 * One run of one case, in milliseconds.
 * @param {Case} each
 * @returns {Promise<number>}
 */
function measure({ name, args, until }) {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const elapsed = () => Number(process.hrtime.bigint() - started) / 1e6;
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    /** @type {number | undefined} */
    let reachedMs;
    /** @param {Buffer} chunk */
    const read = (chunk) => {
      output += chunk;
      if (until === undefined || reachedMs !== undefined || !output.includes(until)) return;
      reachedMs = elapsed();
      child.kill('SIGTERM');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => {
      const ms = until === undefined && code === 0 ? elapsed() : reachedMs;
      if (ms === undefined) reject(new Error(`${name} ended with ${code}: ${output}`));
      else resolve(ms);
    });
  });
}

/** @param {number[]} sorted @param {number} share */
const quantile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** @type {Map<string, number[]>} */
const samples = new Map(cases.map(({ name }) => [name, []]));
try {
  // The first start makes the development secret that `token` then finds; the first round also warms the disk cache.
  for (const each of [...cases].reverse()) await measure(each);
  // Interleaved, so that a busy moment of the machine meets every case and not one.
  for (let run = 0; run < runs; run += 1) for (const each of cases) samples.get(each.name)?.push(await measure(each));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const results = cases.map(({ name, limit, goal }) => {
  const sorted = (samples.get(name) ?? []).toSorted((a, b) => a - b);
  const [medianMs, p25Ms, p75Ms] = [quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75)];
  return { name, medianMs, p25Ms, p75Ms, limit, goal };
});
const baseline = results[0]?.medianMs ?? Number.NaN;
const report = {
  node: process.version,
  cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
  runs,
  results: results.map((each) => ({ ...each, ratio: each.medianMs / baseline })),
};

/** @param {typeof report} _ */
function render({ node, cpu, results: rows }) {
  const verdict = (/** @type {(typeof rows)[number]} */ { ratio, limit, goal }) => {
    if (limit === undefined || goal === undefined) return '';
    if (ratio <= goal) return `within the goal of ${goal}`;
    return ratio <= limit ? `within the limit of ${limit}, goal ${goal}` : `OVER THE LIMIT of ${limit}`;
  };
  const lines = rows.map((row) =>
    [
      row.name.padEnd(34),
      row.medianMs.toFixed(0).padStart(6),
      `${row.p25Ms.toFixed(0)}-${row.p75Ms.toFixed(0)}`.padStart(10),
      row.ratio.toFixed(2).padStart(7),
      `  ${verdict(row)}`,
    ].join(''),
  );
  const head = `${'whole process'.padEnd(34)}${'ms'.padStart(6)}${'p25-p75'.padStart(10)}${'ratio'.padStart(7)}`;
  return [`Node ${node}, ${cpu}, median of ${runs} interleaved runs`, '', head, ...lines].map((line) => line.trimEnd());
}

process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : `${render(report).join('\n')}\n`);
