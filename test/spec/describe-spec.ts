import { afterAll, beforeAll, describe, test } from 'vitest';
import { SCENARIOS } from '../../src/check/index.ts';
import { type OwnServer, startOwnServer } from '../../src/check/own-server.ts';
import { runScenarios } from '../../src/check/run-scenarios.ts';
import type { SpecName } from '../../src/check/scenario.ts';
import { openTarget, type Target } from '../../src/check/target.ts';

/** One test for each scenario of a specification, named by it, against one server: as `rtserver check` does it. */
export function describeSpec(spec: SpecName, workers = 1): void {
  describe(`the specification ${spec}${workers === 1 ? '' : ` of ${workers} workers`}`, () => {
    let own: OwnServer | undefined;
    let target: Target;
    beforeAll(async () => {
      own = await startOwnServer(process.env, false, workers);
      target = await openTarget(own.target);
    });
    afterAll(() => own?.close());

    const scenarios = SCENARIOS.filter((scenario) => scenario.spec === spec);
    const named = scenarios.map((scenario) => [scenario.requirement, scenario.title, scenario] as const);
    test.concurrent.for(named)('%s: %s', async ([, , scenario], { expect }) => {
      const { results } = await runScenarios([scenario], target);
      expect(results).toEqual([expect.objectContaining({ scenario: scenario.title, status: 'passed' })]);
    });
  });
}
