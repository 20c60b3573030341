import { didYouMean } from '../../contract/did-you-mean.ts';
import { checksOf, qualify } from '../compile.ts';
import { strangeMetrics } from '../metric-names.ts';
import { COUNTS, LATENCIES, slug } from '../recorder.ts';
import { isTemplate } from '../template.ts';
import { ENGINE, type Scenario, type ScenarioConfig } from './file-schemas.ts';
import type { Source } from './problems.ts';

const AGGREGATES = ['min', 'max', 'mean', 'count', 'median', 'p50', 'p75', 'p90', 'p95', 'p99', 'p999'];
const OF_ARTILLERY = ['created', 'completed', 'failed', 'skipped'].map((name) => `vusers.${name}`);
/** Metrics whose names end with something that only the run knows. */
const OPEN_ENDED = /^(errors|vusers\.created_by_name)\./;
/** A metric that nobody counts would be a threshold that breaks in every run, and says nothing of why. */
export function checkThresholds(source: Source, config: ScenarioConfig, scenarios: readonly Scenario[]): void {
  const { thresholds = [], conditions = [] } = config.ensure ?? {};
  const known = knownMetrics(scenarios);
  // Other engines, plugins and functions have metrics of their own.
  const isClosed =
    config.processor === undefined &&
    config.plugins === undefined &&
    scenarios.every(({ engine = ENGINE }) => engine === ENGINE);
  const isStrange = (metric: string) =>
    !known.includes(metric) && !OPEN_ENDED.test(metric) && (isClosed || /^(rtserver|vusers)\./.test(metric));
  const describe = (metric: string) => `there is no metric "${metric}".${didYouMean(metric, known)}`;
  for (const [index, threshold] of thresholds.entries()) {
    for (const metric of Object.keys(threshold)) {
      const at = ['config', 'ensure', 'thresholds', index];
      if (!isTemplate(metric) && isStrange(metric)) source.atKey(at, metric, describe(metric));
    }
  }
  for (const [index, { expression }] of conditions.entries()) {
    const stranger = isTemplate(expression) ? undefined : strangeMetrics(expression, known).find(isStrange);
    if (stranger !== undefined) source.at(['config', 'ensure', 'conditions', index, 'expression'], describe(stranger));
  }
}

function knownMetrics(scenarios: readonly Scenario[]): string[] {
  const ours = scenarios.filter(({ engine = ENGINE }) => engine === ENGINE);
  const checks = ours.flatMap(({ name, flow }) =>
    checksOf(flow).map(({ check }) => slug(qualify(ours.length > 1 ? name : undefined, check))),
  );
  const summaries = [...LATENCIES.map((name) => `rtserver.${name}_ms`), 'vusers.session_length'];
  return [
    ...OF_ARTILLERY,
    ...COUNTS.map((name) => `rtserver.${name}`),
    ...summaries.flatMap((name) => AGGREGATES.map((aggregate) => `${name}.${aggregate}`)),
    ...checks.flatMap((check) => [`rtserver.check.${check}.passed`, `rtserver.check.${check}.failed`]),
  ];
}
