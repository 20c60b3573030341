import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compileScript } from '../../src/load/compile-script.ts';
import { estimateMs } from '../../src/load/estimate.ts';
import { checkFile } from '../../src/load/scenario/check-file.ts';
import { render } from '../../src/load/template.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/** Without what Artillery takes by itself. */
const lasts = (flow: unknown[], variables = {}, arrivalsMs?: number) => {
  const plan = { variables, arrivalsMs };
  const [none = 0, all] = [estimateMs({ ...plan, flows: [] }), estimateMs({ ...plan, flows: [flow] })];
  return all === undefined ? undefined : all - none;
};

test.for<[what: string, flow: unknown[], ms: number | undefined]>([
  ['what only waits for an answer', [{ connect: { user: 'a' } }, { join: 'lobby' }], 0],
  ['heartbeats and silence', [{ heartbeat: { every: '1s', for: '4s' } }, { silence: { for: 500 } }], 4_500],
  ['thinking', [{ think: 2 }, { think: '1m' }], 62_000],
  ['a variable', [{ silence: { for: '{{ quiet * 2 }}' } }], 6_000],
  ['a name that is known later', [{ silence: { for: '{{ later }}' } }], undefined],
  [
    'such a name where it does not matter',
    [{ emit: { event: 'a', payload: '{{ later }}', rate: 5, for: '2s' } }],
    2_000,
  ],
  ['a loop', [{ loop: [{ think: 1 }, { think: 2 }], count: '{{ quiet }}' }], 9_000_000],
  ['several at once', [{ parallel: [{ think: 1 }, { churn: { rate: 1, for: '3s' } }] }], 3_000],
  ['a crowd', [{ cohort: { sockets: 1_000 } }, { broadcast: { count: 100, rate: 20 } }], 7_000],
  ['a climb', [{ climb: { from: 250, by: 250, to: 1_000, hold: '2s', rate: 100, until: {} } }], 18_000],
])('the length of %s is told from the file', ([, flow, ms]) => {
  expect(lasts(flow, { quiet: 3_000 })).toBe(ms);
});

test('with phases, the last to come plays the scenario after all others have come', () => {
  expect(estimateMs({ flows: [[{ think: 1 }], [{ think: 4 }]], variables: {}, arrivalsMs: 10_000 })).toBe(19_000);
});

test.for(readdirSync(FOLDER).filter((name) => name.endsWith('.yml')))('it is told of %s', (name) => {
  const { file } = checkFile(readFileSync(`${FOLDER}${name}`, 'utf8'));
  if (file === undefined) throw new Error('it is unsound');
  const limits = { connectionsPerUser: 3, roomsPerSocket: 100, heartbeatTimeoutMs: 60_000 };
  const own = file.config.variables ?? {};
  const variables = { ...render(own, { ...own, ...limits }), ...limits };
  expect(compileScript(file, 'http://x', variables, FOLDER).expectedMs).toBeGreaterThanOrEqual(5_000);
});
