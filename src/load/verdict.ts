import { cpus } from 'node:os';
import { VERSION } from '../contract/version.ts';
import type { Threshold } from './artillery/messages.ts';
import type { CompiledScript } from './compile-script.ts';
import { judgeGenerator } from './generator.ts';
import type { Histogram } from './histogram.ts';
import type { Ledger } from './ledger.ts';
import { plural, round } from './quantity.ts';
import { COUNTS, type CountName, LATENCIES, type LatencyName } from './recorder.ts';
import type { CheckResult, LatencySummary, LeakVerdict, LoadResult, ServerFigures, TimelinePoint } from './result.ts';
import type { Moment } from './timeline.ts';

export interface RunFacts {
  ledger: Ledger;
  compiled: Pick<CompiledScript, 'checks' | 'isSuite'>;
  thresholds: Threshold[];
  /** What went wrong with the run itself. */
  troubles: string[];
  leaks: LeakVerdict;
  serverFigures: ServerFigures | null;
  isInterrupted: boolean;
  scenario: LoadResult['scenario'];
  server: LoadResult['server'];
  variables: Record<string, unknown>;
  artillery: string;
}

export function judgeRun(facts: RunFacts): LoadResult {
  const { ledger, thresholds, leaks, isInterrupted } = facts;
  const checks = listChecks(facts);
  const reasons = findReasons(facts, checks);
  return {
    format: 'rtserver-load/1',
    verdict: isInterrupted ? 'interrupted' : reasons.length > 0 ? 'failed' : 'passed',
    reasons,
    answers: ledger.answers,
    scenario: facts.scenario,
    startedAt: new Date(ledger.startedAt).toISOString(),
    durationMs: Date.now() - ledger.startedAt,
    server: facts.server,
    variables: facts.variables,
    checks,
    thresholds,
    virtualUsers: { started: ledger.count('users_started'), failed: ledger.count('users_failed') },
    counts: Object.fromEntries(COUNTS.map((name) => [name, ledger.count(name)])) as Record<CountName, number>,
    latencies: Object.fromEntries(
      LATENCIES.flatMap((name) => {
        const histogram = ledger.latencies.get(name);
        return histogram === undefined || histogram.count === 0 ? [] : [[name, summarize(histogram)]];
      }),
    ),
    notes: [...describeUnexpecting(facts, checks), ...ledger.notes],
    generator: judgeGenerator(ledger),
    serverFigures: facts.serverFigures,
    leaks,
    timeline: ledger.timeline.moments.map(toPoint),
    versions: { rtserver: VERSION, node: process.versions.node, artillery: facts.artillery },
    machine: { cpus: cpus().length, model: cpus()[0]?.model ?? '', platform: `${process.platform} ${process.arch}` },
  };
}

/** All that the file declares, in its order, then whatever else was counted. */
function listChecks({ ledger, compiled }: RunFacts): CheckResult[] {
  const declared = compiled.checks.map(({ name, isJudged }) => ({
    name,
    isJudged,
    ...(ledger.checks.get(name) ?? { passed: 0, failed: 0, examples: [] }),
  }));
  const names = new Set(declared.map(({ name }) => name));
  const others = [...ledger.checks].filter(([name]) => !names.has(name));
  return [...declared, ...others.map(([name, count]) => ({ name, isJudged: true, ...count }))];
}

function findReasons(
  { compiled, thresholds, troubles, leaks, isInterrupted }: RunFacts,
  checks: CheckResult[],
): string[] {
  const reasons = [...troubles];
  const failed = checks.filter((check) => check.failed > 0);
  const judged = checks.filter(({ isJudged }) => isJudged);
  const unreached = judged.filter((check) => check.passed + check.failed === 0);
  if (failed.length > 0) reasons.push(`${plural(failed.length, 'expectation')} did not hold`);
  // What a run that was cut short did not get to, it did not get to for that.
  const isWhole = !isInterrupted && troubles.length === 0;
  const isBlind = !isEnsured(thresholds) && leaks.status === 'not judged';
  if (isWhole && isNothingCounted(checks) && (judged.length > 0 || isBlind)) {
    reasons.push('nothing was checked: no virtual user got as far as an expectation');
  } else if (isWhole && compiled.isSuite && unreached.length > 0 && failed.length === 0) {
    reasons.push(`${plural(unreached.length, 'expectation')} never came to be looked at`);
  }
  const broken = thresholds.filter(({ isMet, isStrict }) => isStrict && !isMet);
  if (broken.length > 0) reasons.push(`${plural(broken.length, 'threshold')} broken`);
  if (leaks.status === 'leaked') reasons.push(`the server did not give everything back: ${leaks.findings.join(', ')}`);
  return reasons;
}

/** A run without any expectation can fail all the same; whoever reads that it passed is told what that means. */
function describeUnexpecting({ thresholds, leaks }: RunFacts, checks: CheckResult[]): string[] {
  if (isEnsured(thresholds) || checks.some(({ isJudged }) => isJudged)) return [];
  const judged = [
    ...(isNothingCounted(checks) ? [] : ['whether its steps could be done']),
    ...(leaks.status === 'not judged' ? [] : ['what was left over']),
  ];
  if (judged.length === 0) return [];
  return [`no expectation in this scenario: judged was only ${judged.join(' and ')}`];
}

const isEnsured = (thresholds: Threshold[]) => thresholds.some(({ isStrict }) => isStrict);

const isNothingCounted = (checks: CheckResult[]) => checks.every(({ passed, failed }) => passed + failed === 0);

function summarize(histogram: Histogram): LatencySummary {
  const { p50, p95, p99 } = percentiles(histogram);
  return {
    count: histogram.count,
    min: round(histogram.min),
    mean: round(histogram.sum / histogram.count),
    ...{ p50, p90: round(histogram.percentile(0.9) ?? 0), p95, p99 },
    max: round(histogram.max),
    distribution: histogram.distribution().map(({ ms, count }) => ({ ms: round(ms), count })),
  };
}

const percentiles = (histogram: Histogram) => ({
  p50: round(histogram.percentile(0.5) ?? 0),
  p95: round(histogram.percentile(0.95) ?? 0),
  p99: round(histogram.percentile(0.99) ?? 0),
});

function toPoint({ second, seconds, open, openMax, counts, latencies, busy }: Moment): TimelinePoint {
  const of = (name: LatencyName) => {
    const histogram = latencies.get(name);
    return histogram === undefined ? undefined : percentiles(histogram);
  };
  return {
    second,
    ...(seconds > 1 && { seconds }),
    ...{ open, openMax },
    connects: counts.connects ?? 0,
    refusals: counts.refusals ?? 0,
    received: counts.received ?? 0,
    acks: counts.acks ?? 0,
    ack: of('ack'),
    delivery: of('delivery'),
    busy: round(busy),
  };
}
