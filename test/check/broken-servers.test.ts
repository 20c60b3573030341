import { describe, expect, test } from 'vitest';
import { SCENARIOS } from '../../src/check/index.ts';
import { runScenarios } from '../../src/check/run-scenarios.ts';
import type { Report } from '../../src/check/scenario.ts';
import { openTarget } from '../../src/check/target.ts';
import { FAULTS, type Fault } from './faults.ts';
import { startOtherServer } from './other-server.ts';

async function checkOtherServer(fault?: Fault): Promise<Report> {
  const { target, close } = await startOtherServer(fault);
  try {
    return await runScenarios(SCENARIOS, await openTarget(target));
  } finally {
    await close();
  }
}

/** With what was seen, so that a wrong verdict explains itself. */
const failuresOf = ({ results }: Report) =>
  results.flatMap(({ scenario, status, why, expected, seen }) =>
    status === 'failed' ? [{ scenario, why, expected, seen }] : [],
  );

test('a second implementation of the contract passes every scenario', async () => {
  const report = await checkOtherServer();
  expect(failuresOf(report)).toEqual([]);
  expect(report).toMatchObject({ passed: SCENARIOS.length, failed: 0, notTried: 0 });
});

describe('a server is caught by the scenarios that it breaks, and by no other, when it', () => {
  test.concurrent.for(Object.entries(FAULTS) as [Fault, readonly string[]][])(
    '%s',
    async ([fault, broken], { expect }) => {
      const failures = failuresOf(await checkOtherServer(fault));
      const titles = failures.map(({ scenario }) => scenario);
      expect(titles, JSON.stringify(failures, null, 2)).toEqual(broken);
    },
  );
});

test('every scenario is broken by one of these faults', () => {
  const broken = new Set<string>(Object.values(FAULTS).flat());
  expect(SCENARIOS.map(({ title }) => title).filter((title) => !broken.has(title))).toEqual([]);
});
