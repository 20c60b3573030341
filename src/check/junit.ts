import { type Report, type Result, SPECS } from './scenario.ts';

/** The report as JUnit XML: a suite for each specification, a case for each scenario. */
export function renderJunit({ results, durationMs }: Report): string {
  const suites = SPECS.map((spec) => results.filter((result) => result.spec === spec)).filter(
    (each) => each.length > 0,
  );
  const totals = attributes({ name: 'rtserver check', ...countsOf(results), time: durationMs / 1_000 });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    ...suites.flatMap(renderSuite),
    '</testsuites>',
    '',
  ].join('\n');
}

function renderSuite(results: readonly Result[]): string[] {
  const time = results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000;
  const about = attributes({ name: results[0]?.spec ?? '', ...countsOf(results), time });
  return [`  <testsuite ${about}>`, ...results.flatMap(renderCase), '  </testsuite>'];
}

function renderCase(result: Result): string[] {
  const { scenario, spec, requirement, status, expected, seen, why, durationMs } = result;
  const about = attributes({ name: scenario, classname: `${spec}.${requirement}`, time: durationMs / 1_000 });
  if (status === 'passed') return [`    <testcase ${about}/>`];
  const inside =
    status === 'not tried'
      ? `      <skipped ${attributes({ message: why })}/>`
      : `      <failure ${attributes({ message: why })}>${escapeXml(`expected  ${expected}\nseen      ${seen}`)}</failure>`;
  return [`    <testcase ${about}>`, inside, '    </testcase>'];
}

function countsOf(results: readonly Result[]) {
  const count = (status: Result['status']) => results.filter((result) => result.status === status).length;
  return { tests: results.length, failures: count('failed'), errors: 0, skipped: count('not tried') };
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value))}"`)
    .join(' ');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** What XML 1.0 cannot hold even escaped (control characters, halves of surrogate pairs) becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"\n\t]/g, (character) => ENTITIES[character] ?? character);
}
