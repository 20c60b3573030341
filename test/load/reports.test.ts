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

const EVIL = '<script>alert("x")</script> & ]]> | \u0007';

interface RunOptions {
  failure?: string;
  latencyMs?: number;
  leaked?: string;
  isInterrupted?: boolean;
  busy?: number;
  waitMs?: number;
  isMet?: boolean;
}

/** A run of two expectations, as the recorder, the ledger and the judge make it. */
function result({
  failure,
  latencyMs = 5,
  leaked,
  isInterrupted = false,
  busy = 0.2,
  waitMs = 0.1,
  isMet = true,
}: RunOptions = {}): LoadResult {
  const recorder = new Recorder();
  const ledger = new Ledger();
  for (let second = 0; second < 4; second += 1) {
    recorder.count('connects', 10);
    recorder.count('users_started');
    recorder.check('first', 10, 0);
    if (failure !== undefined) recorder.check('second', 0, 1, failure);
    else recorder.check('second', 1, 0);
    for (let n = 0; n < 50; n += 1) recorder.latency('ack', latencyMs + n / 10);
    const delta = recorder.drain({ busy, delayP99Ms: 1, waitMs });
    ledger.add(1, { ...delta, at: ledger.startedAt + second * 1_000 });
  }
  return judgeRun({
    ledger,
    compiled: {
      isSuite: true,
      checks: [
        { name: 'first', isJudged: true },
        { name: 'second', isJudged: true },
        { name: 'quiet', isJudged: false },
      ],
    },
    thresholds: [{ expression: 'rtserver.ack_ms.p95 < 100', isMet, isStrict: true }],
    troubles: [],
    leaks: leaked === undefined ? { status: 'none', findings: [] } : { status: 'leaked', findings: [leaked] },
    serverFigures: null,
    isInterrupted,
    scenario: {
      file: '/x/limits.yml',
      question: `Does it hold? ${failure === EVIL ? EVIL : ''}`,
      sha256: 'a'.repeat(64),
    },
    server: { url: 'http://127.0.0.1:1', startedForTheRun: true },
    variables: { connectionsPerUser: 3 },
    artillery: '2.0.34',
  });
}

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
  expect(long.timeline).toHaveLength(130_000);
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
