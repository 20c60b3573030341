import { basename } from 'node:path';
import type { LoadResult } from '../result.ts';
import { BOTTLENECK, figuresOf, rowsOf, stateOf } from './table.ts';

const SIGNS = { passed: '✅', failed: '❌', 'not reached': '➖' } as const;
const WORDS = { passed: '✅ passed', failed: '❌ failed', interrupted: '⏹ interrupted' } as const;

/** For the summary of a CI job. */
export function renderMarkdown(result: LoadResult): string {
  const rows = rowsOf(result);
  const examples = rows.flatMap(({ name, examples: [first] }) =>
    first === undefined ? [] : [`- **${cell(name)}**: ${cell(first)}`],
  );
  return [
    `### ${WORDS[result.verdict]}: ${cell(basename(result.scenario.file))}`,
    '',
    ...(result.scenario.question === undefined ? [] : [`> ${cell(result.scenario.question)}`, '']),
    ...(result.answers ?? []).map((answer) => `**${cell(answer)}**\n`),
    ...result.reasons.map((reason) => `- ${cell(reason)}`),
    ...(result.generator.isBottleneck ? [`- ${BOTTLENECK}`] : []),
    '',
    '| | expectation | passed | failed |',
    '| --- | --- | ---: | ---: |',
    ...rows.map(
      (check) => `| ${SIGNS[stateOf(check)]} | ${cell(check.name)} | ${show(check.passed)} | ${show(check.failed)} |`,
    ),
    ...result.thresholds.map(
      ({ expression, isMet, isStrict, problem }) =>
        `| ${isMet ? SIGNS.passed : SIGNS.failed} | threshold ${cell(expression)}${isStrict ? '' : ' (optional)'}${problem === undefined ? '' : `: ${cell(problem)}`} | | |`,
    ),
    ...(examples.length === 0 ? [] : ['', '**First failures**', '', ...examples]),
    '',
    '| | |',
    '| --- | --- |',
    ...figuresOf(result).map(([name, text]) => `| ${name} | ${cell(text)} |`),
    '',
  ].join('\n');
}

/** Whatever a server said must not become a column, a line, HTML, a picture or a link, which GitHub makes of bare addresses too. */
function cell(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[|\\[\]!*_`~]/g, '\\$&')
    .replace(/</g, '&lt;')
    .replace(/:(?=\/\/)|www(?=\.)|@/gi, '$&<!-- -->');
}

const show = (count: number) => count.toLocaleString('en-US');
