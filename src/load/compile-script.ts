import { isAbsolute, resolve } from 'node:path';
import type { Script } from './artillery/messages.ts';
import { checksOf, qualify } from './compile.ts';
import { estimateMs } from './estimate.ts';
import type { Scope } from './expression.ts';
import type { ScenarioFile } from './scenario/check-file.ts';
import { ENGINE } from './scenario/file-schemas.ts';
import { render } from './template.ts';

export interface CompiledScript {
  script: Script;
  isQualified: boolean;
  /** Every check of the file, in its order. */
  checks: { name: string; isJudged: boolean }[];
  /** Is each scenario played exactly once? */
  isSuite: boolean;
  /** How long virtual users arrive, where phases say it. */
  arrivalsMs: number | undefined;
  /** About how long all of it takes; `undefined` where nobody can know. */
  expectedMs: number | undefined;
}

/**
 * What Artillery is given. Without phases, all scenarios are played once and in order by one virtual user: Artillery itself
 * would draw one of them at random for each arrival.
 */
export function compileScript(file: ScenarioFile, url: string, variables: Scope, folder: string): CompiledScript {
  const { ensure, phases, plugins, ...config } = file.config;
  const ours = file.scenarios.filter(({ engine = ENGINE }) => engine === ENGINE);
  const isQualified = ours.length > 1;
  const isSuite = phases === undefined;
  const checks = ours.flatMap(({ name, flow }) =>
    checksOf(flow).map(({ check, isJudged }) => ({ name: qualify(isQualified ? name : undefined, check), isJudged })),
  );
  const filled = render(phases, variables);
  const script: Script = {
    config: {
      ...withAbsolutePaths(config, folder),
      target: url,
      engines: { ...config.engines, [ENGINE]: {} },
      variables: { ...variables },
      phases: filled ?? [{ duration: 1, arrivalCount: 1 }],
      // `config.ensure` alone is ignored by Artillery without a word.
      plugins: { ...plugins, ...(ensure !== undefined && { ensure: render(ensure, variables) }) },
    },
    scenarios: isSuite
      ? [{ name: 'all', engine: ENGINE, flow: ours.map(({ name, flow }) => ({ play: { name, flow } })) }]
      : file.scenarios.map((scenario) => ({ ...scenario, engine: scenario.engine ?? ENGINE })),
  };
  const arrivalsMs = filled === undefined ? undefined : totalMs(filled);
  const expectedMs = estimateMs({ flows: ours.map(({ flow }) => flow), variables, arrivalsMs });
  return { script, isQualified, checks, isSuite, arrivalsMs, expectedMs };
}

/** The script lies in another folder than the file that it comes from. */
function withAbsolutePaths<Config extends { processor?: string | undefined; payload?: unknown }>(
  config: Config,
  folder: string,
): Config {
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(folder, path));
  const payloads = [config.payload].flat().filter((each) => typeof each === 'object' && each !== null);
  return {
    ...config,
    ...(config.processor !== undefined && { processor: absolute(config.processor) }),
    ...(payloads.length > 0 && {
      payload: payloads.map((each) => ({ ...each, path: absolute(String((each as { path?: unknown }).path)) })),
    }),
  };
}

function totalMs(phases: readonly object[]): number {
  return phases.reduce((sum, phase) => {
    const { duration, pause } = phase as { duration?: unknown; pause?: unknown };
    return sum + secondsOf(duration ?? pause) * 1_000;
  }, 0);
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

function secondsOf(value: unknown): number {
  const [, amount = '0', unit = 's'] = /^\s*([\d.]+)\s*(ms|s|m|h|d)?\s*$/.exec(String(value)) ?? [];
  return Number(amount) * (UNITS[unit] ?? 1);
}
