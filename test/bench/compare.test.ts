import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../bench/compare.js', import.meta.url));
const run = promisify(execFile);
const options = { timeout: 110_000 };

interface Report {
  lanes: { name: string; unit: string; figures: Record<string, Record<string, number>>; ratios: object }[];
}

// How fast anything is, is not judged here: a busy machine must not fail a build.
test('the comparison goes through all of its lanes, and loses nothing on the way', { timeout: 120_000 }, async () => {
  const { stdout } = await run(process.execPath, [SCRIPT, '--quick', '--json'], options);
  const { lanes } = JSON.parse(stdout) as Report;
  const both = 'rtserver,stock';
  expect(lanes.map(({ name, figures }) => [name, Object.keys(figures).sort().join()])).toEqual([
    ...['single', 'burst', 'users', 'rooms', 'ack', 'latency'].map((name) => [name, `${both},ws`]),
    ['polling', both],
    ...['connect', 'memory'].map((name) => [name, `${both},ws`]),
    ['http', 'express,rtserver'],
  ]);
  for (const { unit, figures } of lanes) {
    for (const figure of Object.values(figures)) expect(typeof figure[unit]).toBe('number');
  }
});

test('an unknown lane is refused by name, and so is no round', async () => {
  await expect(run(process.execPath, [SCRIPT, '--lane', 'burts'], options)).rejects.toThrow(
    'no lane "burts"; there are',
  );
  await expect(run(process.execPath, [SCRIPT, '--rounds', '0'], options)).rejects.toThrow('whole number of at least 1');
});
