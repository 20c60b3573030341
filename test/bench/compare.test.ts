import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { isToolMissing } from '../support/external-tool.ts';

const SCRIPT = fileURLToPath(new URL('../../bench/compare.js', import.meta.url));
const run = promisify(execFile);
const SCALE = fileURLToPath(new URL('../../bench/scale.js', import.meta.url));
// Forty processes start one after the other.
const timeout = 400_000;
const options = { timeout };

interface Report {
  lanes: { name: string; unit: string; figures: Record<string, Record<string, number>>; ratios: object }[];
}

// How fast anything is, is not judged here: a busy machine must not fail a build.
test('the comparison goes through all of its lanes, and loses nothing on the way', { timeout }, async () => {
  const { stdout } = await run(process.execPath, [SCRIPT, '--quick', '--json'], options);
  const { lanes } = JSON.parse(stdout) as Report;
  const both = 'rtserver,stock';
  expect(lanes.map(({ name, figures }) => [name, Object.keys(figures).sort().join()])).toEqual([
    ...['single', 'burst', 'users', 'rooms', 'ack', 'latency', 'latency-p99'].map((name) => [name, `${both},ws`]),
    ['polling', both],
    ...['connect', 'disconnect', 'memory', 'memory-20000'].map((name) => [name, `${both},ws`]),
    ['http', 'express,rtserver'],
    ['start', `${both},ws`],
    ...(isToolMissing('redis-server')
      ? []
      : ['start-redis', 'single-redis', 'burst-redis'].map((name) => [name, both])),
  ]);
  for (const { unit, figures } of lanes) {
    for (const figure of Object.values(figures)) expect(typeof figure[unit]).toBe('number');
  }
});

test('growing crowds get their events, and the event loop is watched', { timeout }, async () => {
  const { stdout } = await run(process.execPath, [SCALE, '--sizes', '5,10', '--json'], options);
  const rows = JSON.parse(stdout) as Record<string, number>[];
  expect(rows.map(({ kind, size }) => [kind, size])).toEqual([
    ['rtserver', 5],
    ['stock', 5],
    ['rtserver', 10],
    ['stock', 10],
  ]);
  for (const { deliveryUs, loopP99Ms } of rows) {
    expect(deliveryUs).toBeGreaterThanOrEqual(0);
    expect(loopP99Ms).toBeGreaterThan(0);
  }
});

test.for([
  ['compare', '--lane', 'burts', 'no lane "burts"; there are single, '],
  ['compare', '--rounds', '0', '--rounds must be a whole number of at least 1, got "0"'],
  ['compare', '--round', '1', "Unknown option '--round'"],
  ['scale', '--sizes', '10,many', '--sizes must be whole numbers of at least 1, got "10,many"'],
] as const)('%s %s %s is refused in a line', async ([script, flag, value, problem]) => {
  const path = fileURLToPath(new URL(`../../bench/${script}.js`, import.meta.url));
  const failure = await run(process.execPath, [path, flag, value], options).catch((error: unknown) => error);
  const stderr = expect.stringMatching(/^error: .+\nTry: --help\n$/);
  expect(failure).toMatchObject({ code: 2, stderr });
  expect((failure as { stderr: string }).stderr).toContain(problem);
});

test.for(['compare', 'scale'])('%s --help says what it measures, with an example', async (script) => {
  const path = fileURLToPath(new URL(`../../bench/${script}.js`, import.meta.url));
  const { stdout } = await run(process.execPath, [path, '--help'], options);
  expect(stdout).toMatch(/^Usage: npm run bench.*\n\n[\s\S]+\n {2}npm run bench.* -- --.*\n$/);
});
