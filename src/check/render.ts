import type { Report, Result, Scenario, Status } from './scenario.ts';

const MARKS: Readonly<Record<Status, string>> = { passed: '✓', failed: '✗', 'not tried': '–' };

/** One line of progress, and below a failure what was expected and what was seen. */
export function renderResult({ scenario, status, expected, seen, why, durationMs }: Result): string[] {
  const line = `  ${MARKS[status]} ${scenario}`;
  if (status === 'passed') return [`${line} (${durationMs} ms)`];
  if (status === 'not tried') return [`${line}: not tried: ${why}`];
  return [`${line} (${durationMs} ms)`, `      ${why}`, `      expected  ${expected}`, `      seen      ${seen}`];
}

/** `32 of 32 passed`, or with how many did not. */
export function renderSummary({ results, passed, failed, notTried }: Report): string {
  const others = [failed > 0 && `${failed} failed`, notTried > 0 && `${notTried} not tried`].filter(Boolean);
  return [`${passed} of ${results.length} passed`, ...others].join(', ');
}

/** One scenario of a list. */
export function renderScenario({ title, does, expects }: Scenario): string[] {
  return [`  ${title}`, `      does     ${does}`, `      expects  ${expects}`];
}
