import { printable } from '../../contract/printable.ts';
import { plural, showMs } from '../quantity.ts';
import { LATENCIES } from '../recorder.ts';
import type { LoadResult } from '../result.ts';
import { stateOf } from './table.ts';

export interface Comparison {
  isWorse: boolean;
  sameScenario: boolean;
  verdicts: [before: LoadResult['verdict'], after: LoadResult['verdict']];
  /** In which of the two the generator was the bottleneck. */
  bottlenecks: ('before' | 'after')[];
  /** Expectations whose state has changed. */
  checks: { name: string; before: string; after: string }[];
  figures: Figure[];
}

export interface Figure {
  name: string;
  before: number;
  after: number;
  unit: 'ms' | 'count';
  /** Worse by more than such a figure moves from run to run. */
  isWorse: boolean;
}

/** Latencies of two runs of the very same thing differ by this much on a busy machine. */
const NOISE_SHARE = 0.25;
const NOISE_MS = 2;

/** What has changed from one run to another. */
export function compareResults(before: LoadResult, after: LoadResult): Comparison {
  const states = (result: LoadResult) => new Map(result.checks.map((check) => [check.name, stateOf(check)]));
  const [old, now] = [states(before), states(after)];
  const names = new Set([...old.keys(), ...now.keys()]);
  const checks = [...names].flatMap((name) => {
    const [was, is] = [old.get(name) ?? 'not there', now.get(name) ?? 'not there'];
    return was === is ? [] : [{ name, before: was, after: is }];
  });
  const figures = compareFigures(before, after);
  const isWorse =
    (before.verdict === 'passed' && after.verdict !== 'passed') ||
    checks.some((check) => check.after === 'failed') ||
    figures.some((figure) => figure.isWorse);
  const sameScenario = before.scenario.sha256 === after.scenario.sha256;
  const bottlenecks = Object.entries({ before, after }).flatMap(([name, { generator }]) =>
    generator.isBottleneck ? [name as 'before' | 'after'] : [],
  );
  return { isWorse, sameScenario, verdicts: [before.verdict, after.verdict], bottlenecks, checks, figures };
}

function compareFigures(before: LoadResult, after: LoadResult): Figure[] {
  const figures: Figure[] = [];
  for (const name of LATENCIES) {
    const [old, now] = [before.latencies[name], after.latencies[name]];
    if (old === undefined || now === undefined) continue;
    for (const share of ['p50', 'p95', 'p99'] as const) {
      const isWorse = now[share] > old[share] * (1 + NOISE_SHARE) && now[share] - old[share] > NOISE_MS;
      figures.push({ name: `${name} ${share}`, before: old[share], after: now[share], unit: 'ms', isWorse });
    }
  }
  for (const [key, name] of [
    ['connects', 'connections'],
    ['received', 'events received'],
  ] as const) {
    figures.push({ name, before: before.counts[key], after: after.counts[key], unit: 'count', isWorse: false });
  }
  return figures;
}

export function renderComparison(comparison: Comparison): string {
  const { isWorse, sameScenario, verdicts, bottlenecks, checks, figures } = comparison;
  const lines = [`verdict  ${verdicts[0]} → ${verdicts[1]}`];
  if (!sameScenario) lines.push('the scenario is not the same file any more');
  for (const which of bottlenecks) {
    lines.push(
      `${which}, the generator itself was the bottleneck: the latencies say more about it than about the server`,
    );
  }
  for (const { name, before, after } of checks) {
    lines.push(`${after === 'failed' ? '✗' : '·'} ${printable(name)}: ${before} → ${after}`);
  }
  const width = Math.max(...figures.map(({ name }) => name.length));
  for (const { name, before, after, unit, isWorse: worse } of figures) {
    const show = (value: number) => (unit === 'ms' ? showMs(value) : value.toLocaleString('en-US'));
    const change =
      before === 0 ? '' : ` (${after >= before ? '+' : ''}${Math.round(((after - before) / before) * 100)} %)`;
    lines.push(`${worse ? '✗' : ' '} ${name.padEnd(width)}  ${show(before)} → ${show(after)}${change}`);
  }
  const worse =
    figures.filter((figure) => figure.isWorse).length + checks.filter(({ after }) => after === 'failed').length;
  lines.push(isWorse ? `WORSE${worse > 0 ? `: ${plural(worse, 'thing')}` : ''}` : 'NOT WORSE');
  return lines.join('\n');
}
