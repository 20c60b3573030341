import { describe, expect, test } from 'vitest';
import { Ledger } from '../../src/load/ledger.ts';
import { Recorder } from '../../src/load/recorder.ts';
import { compareResults, renderComparison } from '../../src/load/reports/compare.ts';
import { renderHtml } from '../../src/load/reports/html.ts';
import { renderJUnit } from '../../src/load/reports/junit.ts';
import { renderMarkdown } from '../../src/load/reports/markdown.ts';
import { createResultJsonSchema, readResult } from '../../src/load/reports/result-schema.ts';
import { renderTable } from '../../src/load/reports/table.ts';
import type { LoadResult } from '../../src/load/result.ts';
import { judgeRun } from '../../src/load/verdict.ts';
import { EVIL, result } from './sample-result.ts';

describe('the verdict', () => {
  test('is passed when everything held', () => {
    expect(result()).toMatchObject({ verdict: 'passed', reasons: [] });
  });

  test.for([
    ['an expectation does not hold', { failure: 'it is still open' }, '1 expectation did not hold'],
    ['a threshold is broken', { isMet: false }, '1 threshold broken'],
    ['something is left over', { leaked: '3 slots left' }, 'the server did not give everything back: 3 slots left'],
  ] as const)('is failed when %s', ([, options, reason]) => {
    expect(result(options)).toMatchObject({ verdict: 'failed', reasons: [reason] });
  });

  test('is failed when an expectation was never looked at', () => {
    const base = result();
    const ledger = new Ledger();
    const recorder = new Recorder();
    recorder.check('first', 1, 0);
    ledger.add(1, recorder.drain());
    const compiled = { isSuite: true, checks: base.checks };
    const verdict = judgeRun({ ...base, ledger, compiled, troubles: [], isInterrupted: false, artillery: '' });
    expect(verdict).toMatchObject({ verdict: 'failed', reasons: ['1 expectation never came to be looked at'] });
  });

  test('is failed when nothing was checked at all', () => {
    const base = result();
    const compiled = { isSuite: false, checks: base.checks };
    const verdict = judgeRun({
      ...base,
      ledger: new Ledger(),
      compiled,
      troubles: [],
      isInterrupted: false,
      artillery: '',
    });
    expect(verdict.verdict).toBe('failed');
  });

  test.for([
    ['failed', 'not judged', [], []],
    ['passed', 'none', [], ['no expectation in this scenario: judged was only what was left over']],
    [
      'passed',
      'none',
      ['join lobby'],
      ['no expectation in this scenario: judged was only whether its steps could be done and what was left over'],
    ],
    [
      'passed',
      'not judged',
      ['join lobby'],
      ['no expectation in this scenario: judged was only whether its steps could be done'],
    ],
  ] as const)(
    'of a scenario without expectations is %s where leaks are %s and done was %j',
    ([verdict, status, done, notes]) => {
      const base = result();
      const ledger = new Ledger();
      const recorder = new Recorder();
      for (const name of done) recorder.check(name, 1, 0);
      ledger.add(1, recorder.drain());
      const compiled = { isSuite: true, checks: [{ name: 'join lobby', isJudged: false }] };
      const leaks = { status, findings: [] };
      const facts = { compiled, leaks, troubles: [], isInterrupted: false, artillery: '' };
      const thresholds = [{ expression: 'vusers.failed == 0', isMet: false, isStrict: false }];
      expect(judgeRun({ ...base, ...facts, ledger, thresholds })).toMatchObject({ verdict, notes });
    },
  );

  test('is of what was seen when it was interrupted', () => {
    expect(result({ isInterrupted: true }).verdict).toBe('interrupted');
  });

  test.for([
    ['had no free moment while most was measured', { busy: 0.97 }],
    ['made most of the latencies itself', { latencyMs: 90, waitMs: 30 }],
  ] as const)('says so when the generator %s', ([, options]) => {
    expect(renderTable(result(options))).toContain('The generator itself was the bottleneck');
  });

  test.for([
    ['was busy, and had a moment now and then', { busy: 0.92 }],
    ['was held up, and the server took far longer', { latencyMs: 400, waitMs: 60, busy: 0.92 }],
    ['made most of latencies that are next to nothing', { latencyMs: 3, waitMs: 2 }],
  ] as const)('says nothing of a generator that %s', ([, options]) => {
    expect(renderTable(result(options))).not.toContain('bottleneck');
  });
});

test('the table shows each expectation with its counts and the first failure', () => {
  expect(renderTable(result({ failure: 'it is still open' })).split('\n')).toEqual(
    expect.arrayContaining([
      '✓ first               40        0',
      '✗ second               0        4',
      '    it is still open',
      expect.stringMatching(/^FAILED 1 of 2 expectations held/),
    ]),
  );
});

test('the table counts the connections that the server ended, where it ended any', () => {
  const some = result();
  expect(renderTable(some)).not.toContain('closed by the server');
  some.counts.closures = 2;
  expect(renderTable(some)).toMatch(/client +[\d,]+ connections?, 2 closed by the server, /);
});

test('the table breaks its lines at blanks, and what goes on stands under its beginning', () => {
  const base = result({
    failure: `${'a failure with many words '.repeat(6)}and-a-word-that-is-longer-than-a-line-${'x'.repeat(60)}`,
  });
  const [first] = base.checks;
  Object.assign(first ?? {}, { name: `first ${'of all the things that are expected '.repeat(3)}` });
  const wide = renderTable(base).split('\n');
  const narrow = renderTable(base, undefined, 80).split('\n');
  const words = (lines: readonly string[]) => lines.join(' ').split(/\s+/).sort();
  expect(words(narrow)).toEqual(words(wide));
  expect(Math.max(...wide.map(({ length }) => length))).toBeGreaterThan(80);
  expect(narrow.filter(({ length }) => length > 80)).toEqual([expect.stringContaining('and-a-word-that-is-longer')]);
  expect(narrow[1]).toMatch(/^✓ first of all .* 40 +0$/);
  expect(narrow[2]).toMatch(/^ {2}\w/);
});

test('JUnit has a case for each expectation, threshold and leak, and only characters that XML allows', () => {
  const xml = renderJUnit(result({ failure: EVIL, leaked: '2 rooms left' }));
  expect(xml).toContain('tests="4" failures="2" errors="0" skipped="0"');
  expect(xml).toContain('&lt;script&gt;');
  expect(xml).not.toMatch(/<script|\u0007/);
  expect(renderJUnit(result({ isInterrupted: true }))).toContain('<failure message="interrupted">');
});

test('Markdown keeps to its table whatever a server says', () => {
  const markdown = renderMarkdown(result({ failure: 'a | b\n<img>' }));
  expect(markdown).toContain('- **second**: a \\| b &lt;img>');
  expect(markdown).toMatch(/\| ❌ \| second \| 0 \| 4 \|/);
});

test('Markdown makes no picture and no link of what a server says', () => {
  const markdown = renderMarkdown(result({ failure: '![x](http://evil.example/a) www.evil.example @team' }));
  expect(markdown).toContain('\\!\\[x\\](http:<!-- -->//evil.example/a) www<!-- -->.evil.example @<!-- -->team');
});

test('a run of days has its verdict and its page', () => {
  const base = result();
  const ledger = new Ledger();
  const recorder = new Recorder();
  for (let second = 0; second < 130_000; second += 1) {
    ledger.add(1, { ...recorder.drain(), at: ledger.startedAt + second * 1_000 });
  }
  const compiled = { isSuite: false, checks: base.checks };
  const long = judgeRun({ ...base, ledger, compiled, troubles: [], isInterrupted: false, artillery: '' });
  expect(long.timeline.length).toBeLessThanOrEqual(1_800);
  const latencies = long.timeline.map((point) => ({ ...point, ack: { p50: 1, p95: 2, p99: 3 } }));
  expect(renderHtml({ ...base, timeline: latencies })).toContain('</html>');
});

test('HTML is one file without a script or an address of anybody else', () => {
  const html = renderHtml(result({ failure: EVIL }));
  expect(html).not.toMatch(/<script|<link|src=|https?:\/\/(?!127\.0\.0\.1)|url\(/);
  expect(html).toContain('prefers-color-scheme:dark');
  expect(html).toContain('@media print');
  expect(html.match(/<figure>/g)?.length).toBeGreaterThanOrEqual(3);
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
});

test('HTML shows connections that came and went within a second, and the refusals', () => {
  const base = result();
  const timeline = base.timeline.map((point) => ({ ...point, open: 0, openMax: 3, refusals: 7, acks: 0 }));
  const html = renderHtml({ ...base, timeline });
  expect(html).toContain('<b>3</b><span>connected at once</span>');
  expect(html).toMatch(/Connected sockets[\s\S]*?text-anchor="end">4<\/text>/);
  const [throughput = ''] = /Throughput[\s\S]*?<\/figcaption>/.exec(html) ?? [];
  expect(throughput).toContain('attempts refused');
  expect(throughput).not.toContain('acknowledgements');
});

test('the JSON report reads back as what it was, and another format is refused', () => {
  const original = result({ failure: 'x' });
  expect(readResult(JSON.stringify(original))).toEqual(JSON.parse(JSON.stringify(original)));
  expect(() => readResult('{"format":"rtserver-load/9"}')).toThrow('its format is "rtserver-load/9"');
  expect(() => readResult('[]')).toThrow('its format is');
});

test('the schema of the JSON report is published as it is', async () => {
  // After a change: npx vitest run --project all test/load/reports.test.ts -u
  const schema = `${JSON.stringify(createResultJsonSchema(), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot('../../scenarios/report.schema.json');
});

describe('a comparison', () => {
  test('says nothing of what is not judged, unless it fails', () => {
    const [before, after] = [result(), result()];
    const quiet = before.checks.find(({ name }) => name === 'quiet');
    Object.assign(quiet ?? {}, { passed: 4 });
    expect(compareResults(before, after)).toMatchObject({ checks: [], isWorse: false });
    Object.assign(after.checks.find(({ name }) => name === 'quiet') ?? {}, { failed: 1 });
    expect(renderComparison(compareResults(before, after))).toContain('✗ quiet: passed → failed');
  });

  test('of a run with itself is not worse', () => {
    expect(compareResults(result(), result()).isWorse).toBe(false);
  });

  test('finds an expectation that no longer holds', () => {
    const comparison = compareResults(result(), result({ failure: 'x' }));
    expect(comparison.checks).toEqual([{ name: 'second', before: 'passed', after: 'failed', isWorse: true }]);
    expect(renderComparison(comparison)).toContain('✗ second: passed → failed');
  });

  test.for([
    ['an expectation that is not reached any more', (run) => Object.assign(run.checks[0] ?? {}, { passed: 0 })],
    ['an expectation that is not there any more', (run) => run.checks.shift()],
    [
      'an optional threshold that broke',
      (run) => Object.assign(run.thresholds[0] ?? {}, { isMet: false, isStrict: false }),
    ],
    ['latencies that were not measured any more', (run) => delete run.latencies.ack],
    ['connections that fell away', (run) => Object.assign(run.counts, { connects: 30 })],
  ] as [string, (run: LoadResult) => unknown][])('finds %s', ([, spoil]) => {
    const after = result();
    spoil(after);
    const comparison = compareResults(result(), after);
    expect(comparison.isWorse).toBe(true);
    expect(renderComparison(comparison)).toMatch(/^✗ [\s\S]*WORSE: /m);
  });

  test('does not compare how many there were with other variables', () => {
    const fewer = { ...result(), variables: { sockets: 1 } };
    fewer.counts.connects = 1;
    expect(compareResults(result(), fewer).isWorse).toBe(false);
  });

  test('finds latencies that grew, and takes noise for noise', () => {
    expect(compareResults(result(), result({ latencyMs: 6 })).isWorse).toBe(false);
    expect(compareResults(result(), result({ latencyMs: 50 })).isWorse).toBe(true);
  });
});
