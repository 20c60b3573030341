import { expect, onTestFinished, test } from 'vitest';
import { SCENARIOS } from '../../src/check/index.ts';
import { runScenarios } from '../../src/check/run-scenarios.ts';
import { openTarget } from '../../src/check/target.ts';
import { mintWith } from '../../src/check/tokens.ts';
import { startCliServer } from '../support/run-cli.ts';

const SECRET = 'a-secret-for-a-server-that-will-hang';

test('a server that stops answering fails the scenarios and does not hold up the check', async () => {
  const { cli, url } = await startCliServer(['--secret', SECRET]);
  const mint = mintWith(SECRET);
  const adminToken = () => mint({ userId: 'ops', expiresInMs: 60_000, claims: { scope: 'admin' } });
  const target = await openTarget({ url, mint, adminToken, waitMs: 300 });
  cli.kill('SIGSTOP');
  onTestFinished(() => cli.kill('SIGCONT'));
  const started = performance.now();
  const report = await runScenarios(SCENARIOS, target);
  expect(performance.now() - started).toBeLessThan(15_000);
  expect(report.passed).toBe(0);
});
