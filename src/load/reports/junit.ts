import { basename } from 'node:path';
import type { CheckResult, LoadResult } from '../result.ts';
import { escapeMarkup } from './escape.ts';
import { figuresOf, rowsOf, stateOf } from './table.ts';

interface Case {
  name: string;
  failure?: string | undefined;
  skipped?: string;
}

/** One test suite; an expectation, a threshold and what was left over are a test case each. */
export function renderJUnit(result: LoadResult): string {
  const cases: Case[] = [
    ...rowsOf(result).map(caseOf),
    ...result.thresholds.map(({ expression, isMet, isStrict, problem = 'the threshold is broken' }) => ({
      name: `threshold: ${expression}`,
      ...(!isMet && isStrict && { failure: problem }),
      ...(!isMet && !isStrict && { skipped: `optional: ${problem}` }),
    })),
    {
      name: 'nothing is left over on the server',
      ...(result.leaks.status === 'leaked' && { failure: result.leaks.findings.join(', ') }),
      ...(result.leaks.status === 'not judged' && { skipped: result.leaks.findings.join(', ') }),
    },
  ];
  // A run can fail for reasons that belong to none of them.
  if (result.verdict !== 'passed' && cases.every(({ failure }) => failure === undefined)) {
    cases.push({ name: 'the run', failure: result.reasons.join('\n') || result.verdict });
  }
  const suite = basename(result.scenario.file);
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  const seconds = (result.durationMs / 1_000).toFixed(3);
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="rtserver load" ${counts}>`,
    `  <testsuite name="${escapeMarkup(suite)}" ${counts} timestamp="${result.startedAt.slice(0, 19)}">`,
    ...cases.map((each) => renderCase(suite, each)),
    `    <system-out>${escapeMarkup(
      figuresOf(result)
        .map((row) => row.join(': '))
        .join('\n'),
    )}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf(check: CheckResult): Case {
  const state = stateOf(check);
  if (state === 'not reached') return { name: check.name, skipped: 'not reached' };
  if (state === 'passed') return { name: check.name };
  return { name: check.name, failure: check.examples.join('\n') || `failed ${check.failed} times` };
}

function renderCase(suite: string, { name, failure, skipped }: Case): string {
  const open = `    <testcase classname="${escapeMarkup(suite)}" name="${escapeMarkup(name)}"`;
  if (failure !== undefined) {
    const first = escapeMarkup(failure.split('\n')[0] ?? '');
    return `${open}><failure message="${first}">${escapeMarkup(failure)}</failure></testcase>`;
  }
  return skipped === undefined ? `${open}/>` : `${open}><skipped message="${escapeMarkup(skipped)}"/></testcase>`;
}
