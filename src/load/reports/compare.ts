import { isDeepStrictEqual } from 'node:util';
import { printable } from '../../contract/printable.ts';
import { padColumns, widthOf } from '../../contract/width.ts';
import { plural, showMs } from '../quantity.ts';
import { LATENCIES } from '../recorder.ts';
import type { LoadResult } from '../result.ts';
import { rowsOf, stateOf } from './table.ts';

export interface Comparison {
  isWorse: boolean;
  sameScenario: boolean;
  verdicts: [before: LoadResult['verdict'], after: LoadResult['verdict']];
  /** In which of the two the generator was the bottleneck. */
  bottlenecks: ('before' | 'after')[];
  /** Expectations and thresholds whose state has changed. */
  checks: { name: string; before: string; after: string; isWorse: boolean }[];
  figures: Figure[];
}

export interface Figure {
  name: string;
  before: number;
  /** `null` where nothing was measured any more. */
  after: number | null;
  unit: 'ms' | 'count';
  /** Worse by more than such a figure moves from run to run. */
  isWorse: boolean;
}

/** Latencies of two runs of the very same thing differ by this much on a busy machine. */
const NOISE_SHARE = 0.25;
const NOISE_MS = 2;
/** What is counted moves less, where the scenario and its variables are the same. */
const COUNT_NOISE_SHARE = 0.05;

/** What has changed from one run to another. */
export function compareResults(before: LoadResult, after: LoadResult): Comparison {
  const [old, now] = [states(before), states(after)];
  const names = new Set([...namesOf(before), ...namesOf(after)]);
  const checks = [...names].flatMap((name) => {
    const [was, is] = [old.get(name) ?? 'not there', now.get(name) ?? 'not there'];
    const isWorse = is === 'failed' || was === 'passed';
    return was === is ? [] : [{ name, before: was, after: is, isWorse }];
  });
  const sameScenario = before.scenario.sha256 === after.scenario.sha256;
  const sameRun = sameScenario && isDeepStrictEqual(before.variables, after.variables);
  const figures = compareFigures(before, after, sameRun);
  const isWorse =
    (before.verdict === 'passed' && after.verdict !== 'passed') ||
    checks.some((check) => check.isWorse) ||
    figures.some((figure) => figure.isWorse);
  const bottlenecks = Object.entries({ before, after }).flatMap(([name, { generator }]) =>
    generator.isBottleneck ? [name as 'before' | 'after'] : [],
  );
  return { isWorse, sameScenario, verdicts: [before.verdict, after.verdict], bottlenecks, checks, figures };
}

/** Of what is judged, and of what went wrong beside it: the rows of the two verdicts. */
const namesOf = (result: LoadResult): string[] => [
  ...rowsOf(result).map(({ name }) => name),
  ...result.thresholds.map(nameThreshold),
];

const nameThreshold = ({ expression }: LoadResult['thresholds'][number]) => `threshold ${expression}`;

function states({ checks, thresholds }: LoadResult): Map<string, string> {
  return new Map([
    ...checks.map((check) => [check.name, stateOf(check)] as const),
    ...thresholds.map((each) => [nameThreshold(each), each.isMet ? 'passed' : 'failed'] as const),
  ]);
}

function compareFigures(before: LoadResult, after: LoadResult, sameRun: boolean): Figure[] {
  const figures: Figure[] = [];
  for (const name of LATENCIES) {
    const [old, now] = [before.latencies[name], after.latencies[name]];
    if (old === undefined) continue;
    for (const share of ['p50', 'p95', 'p99'] as const) {
      const [was, is] = [old[share], now?.[share] ?? null];
      const isWorse = is === null || (is > was * (1 + NOISE_SHARE) && is - was > NOISE_MS);
      figures.push({ name: `${name} ${share}`, before: was, after: is, unit: 'ms', isWorse });
    }
  }
  for (const [key, name] of [
    ['connects', 'connections'],
    ['received', 'events received'],
  ] as const) {
    const [was, is] = [before.counts[key], after.counts[key]];
    const isWorse = sameRun && is < was * (1 - COUNT_NOISE_SHARE);
    figures.push({ name, before: was, after: is, unit: 'count', isWorse });
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
  for (const { name, before, after, isWorse: worse } of checks) {
    lines.push(`${worse ? '✗' : '·'} ${printable(name)}: ${before} → ${after}`);
  }
  const width = Math.max(...figures.map(({ name }) => widthOf(name)));
  for (const { name, before, after, unit, isWorse: worse } of figures) {
    const show = (value: number) => (unit === 'ms' ? showMs(value) : value.toLocaleString('en-US'));
    const change =
      before === 0 || after === null
        ? ''
        : ` (${after >= before ? '+' : ''}${Math.round(((after - before) / before) * 100)} %)`;
    const now = after === null ? 'nothing measured' : show(after);
    lines.push(`${worse ? '✗' : ' '} ${padColumns(name, width)}  ${show(before)} → ${now}${change}`);
  }
  const worse = [...figures, ...checks].filter((each) => each.isWorse).length;
  lines.push(isWorse ? `WORSE${worse > 0 ? `: ${plural(worse, 'thing')}` : ''}` : 'NOT WORSE');
  return lines.join('\n');
}
