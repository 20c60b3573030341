import { expect, onTestFinished, test } from 'vitest';
import type { ScenarioContext } from '../../src/check/context.ts';
import { runCheck, SCENARIOS } from '../../src/check/run-check.ts';
import type { Scenario } from '../../src/check/scenario.ts';
import { until } from '../support/until.ts';
import { startOtherServer } from './other-server.ts';

/** The second one would wait much longer than this test may take. */
const FIRST = ['Server initialization', 'Heartbeat received'];
const isFirst = ({ title }: Scenario) => FIRST.includes(title);
const ORDERED = [...SCENARIOS.filter(isFirst), ...SCENARIOS.filter((each) => !isFirst(each))];

test('a check that is given up begins nothing more, tells nothing more and leaves no connection behind', {
  timeout: 20_000,
}, async () => {
  const { target, io, close } = await startOtherServer('never pongs');
  onTestFinished(close);
  const controller = new AbortController();
  const told: string[] = [];
  let begun = 0;
  let ended = 0;
  let begunBefore = 0;
  const scenarios = ORDERED.map((scenario) => ({
    ...scenario,
    async run(context: ScenarioContext) {
      begun++;
      await scenario.run(context).finally(() => ended++);
    },
  }));
  const running = runCheck({
    ...{ scenarios, target: { ...target, waitMs: 60_000 }, env: {}, signal: controller.signal },
    onResult({ scenario }) {
      told.push(scenario);
      begunBefore = begun;
      controller.abort(new Error('given up'));
    },
  });
  await expect(running).rejects.toThrow('given up');
  expect({ told, begun }).toEqual({ told: ['Server initialization'], begun: begunBefore });
  await until(() => ended === begun, { what: 'an end of those that had begun' });
  await until(() => io.engine.clientsCount === 0, { what: 'no connection is left' });
});
