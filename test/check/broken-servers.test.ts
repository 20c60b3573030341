import { describe, expect, test } from 'vitest';
import { SCENARIOS } from '../../src/check/index.ts';
import { runScenarios } from '../../src/check/run-scenarios.ts';
import type { Report, Result } from '../../src/check/scenario.ts';
import { openTarget } from '../../src/check/target.ts';
import { FAULTS, type Fault } from './faults.ts';
import { startOtherServer } from './other-server.ts';

/** How long a scenario waits for each single thing: as the check does. */
const WAIT_MS = 5_000;
/** For a scenario that is tried by itself. */
const PATIENCE_MS = 20_000;
/** Of one server, on a machine with ten times as much to do as it can. */
const TIMEOUT_MS = 240_000;

/**
 * The scenarios that fail on the other server with this fault, and why. On a busy machine some other of so many at once may
 * miss its time: what was not to fail is tried again, by itself and with patience.
 */
async function failuresOn(fault?: Fault): Promise<Failure[]> {
  const expected: readonly string[] = fault === undefined ? [] : FAULTS[fault];
  const { target, close } = await startOtherServer(fault);
  try {
    const patient = await openTarget({ ...target, waitMs: PATIENCE_MS });
    const failures: Failure[] = [];
    for (const failure of failuresOf(await runScenarios(SCENARIOS, { ...patient, waitMs: WAIT_MS }), fault)) {
      const same = SCENARIOS.filter(({ title }) => title === failure.scenario);
      if (expected.includes(failure.scenario)) failures.push(failure);
      else failures.push(...failuresOf(await runScenarios(same, patient), fault));
    }
    return failures;
  } finally {
    await close();
  }
}

type Failure = Pick<Result, 'scenario' | 'why' | 'expected' | 'seen'>;

/** With what was seen, so that a wrong verdict explains itself. Of a server without a fault every scenario can be tried. */
const failuresOf = ({ results }: Report, fault?: Fault): Failure[] =>
  results.flatMap(({ scenario, status, why, expected, seen }) =>
    status === 'failed' || (status === 'not tried' && fault === undefined) ? [{ scenario, why, expected, seen }] : [],
  );

test('a second implementation of the contract passes every scenario', { timeout: TIMEOUT_MS }, async () => {
  expect(await failuresOn()).toEqual([]);
});

describe('a server is caught by the scenarios that it breaks, and by no other, when it', () => {
  test.concurrent.for(Object.entries(FAULTS) as [Fault, readonly string[]][])(
    '%s',
    { timeout: TIMEOUT_MS },
    async ([fault, broken], { expect }) => {
      const failures = await failuresOn(fault);
      const titles = failures.map(({ scenario }) => scenario);
      expect(titles, JSON.stringify(failures, null, 2)).toEqual(broken);
    },
  );
});

test('every scenario is broken by one of these faults', () => {
  const broken = new Set<string>(Object.values(FAULTS).flat());
  expect(SCENARIOS.map(({ title }) => title).filter((title) => !broken.has(title))).toEqual([]);
});
