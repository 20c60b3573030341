import { didYouMean } from '../../contract/did-you-mean.ts';
import { checkFlow } from './check-flow.ts';
import { checkThresholds } from './check-thresholds.ts';
import {
  configSchema,
  ENGINE,
  fileSchema,
  type Scenario,
  type ScenarioConfig,
  scenarioSchema,
} from './file-schemas.ts';
import { type Problem, Source } from './problems.ts';

export interface ScenarioFile {
  /** The first comment: what the file asks. */
  question: string | undefined;
  config: ScenarioConfig;
  scenarios: Scenario[];
}

/** Reads a scenario file. Whatever is wrong with it is said before anything runs. */
export function checkFile(text: string): { file: ScenarioFile | undefined; problems: Problem[] } {
  const source = new Source(text);
  if (source.problems.length > 0) return { file: undefined, problems: source.problems };
  const raw = source.value as { config?: ScenarioConfig; scenarios?: Scenario[] } | null;
  if (source.check([], fileSchema.omit({ config: true }).loose(), raw ?? {}, 'the file')) {
    for (const key of Object.keys(raw ?? {})) {
      if (key !== 'config' && key !== 'scenarios') {
        source.atKey([], key, `the file has no key "${key}".${didYouMean(key, ['config', 'scenarios'])}`);
      }
    }
    if (raw?.config !== undefined && raw.config !== null) {
      source.check(['config'], configSchema, raw.config, 'config');
      checkPhases(source, raw.config);
    }
    for (const [index, scenario] of (raw?.scenarios ?? []).entries())
      checkScenario(source, scenario, index, raw?.config);
  }
  const file = source.problems.length === 0 ? read(text, raw) : undefined;
  if (file !== undefined) checkThresholds(source, file.config, file.scenarios);
  const problems = source.problems.sort((left, right) => left.line - right.line || left.column - right.column);
  return { file: problems.length === 0 ? file : undefined, problems };
}

function read(text: string, raw: { config?: ScenarioConfig; scenarios?: Scenario[] } | null): ScenarioFile {
  const scenarios = (raw?.scenarios ?? []).map((scenario) => ({ ...scenario, flow: spellOut(scenario.flow) }));
  return { question: questionOf(text), config: raw?.config ?? {}, scenarios };
}

function checkPhases(source: Source, { phases }: ScenarioConfig): void {
  if (!Array.isArray(phases)) return;
  for (const [index, phase] of phases.entries()) {
    const at = ['config', 'phases', index];
    if (phase?.pause !== undefined || typeof phase !== 'object' || phase === null) continue;
    if (phase.duration === undefined) {
      const why = phase.arrivalCount === undefined ? '' : ': without it, Artillery starts virtual users without end';
      const message = `a phase with ${phase.arrivalCount === undefined ? 'arrivals' : 'arrivalCount'} needs a duration${why}`;
      if (phase.arrivalCount === undefined) source.at(at, message);
      else source.atKey(at, 'arrivalCount', message);
    }
    if (phase.arrivalCount === undefined && phase.arrivalRate === undefined && phase.rampTo === undefined) {
      source.at(at, 'a phase needs arrivalCount, arrivalRate or pause');
    }
  }
}

function checkScenario(source: Source, scenario: Scenario, index: number, config: ScenarioConfig | undefined): void {
  const at = ['scenarios', index];
  if (!source.check(at, scenarioSchema, scenario, `scenario ${index + 1}`)) return;
  if (scenario.engine !== undefined && scenario.engine !== ENGINE) {
    const hint = didYouMean(scenario.engine, [ENGINE]);
    if (hint !== '') source.at([...at, 'engine'], `there is no engine "${scenario.engine}".${hint}`);
    else if (config?.phases === undefined) {
      source.at([...at, 'engine'], `a scenario of the engine ${scenario.engine} needs config.phases`);
    }
    return;
  }
  checkFlow(source, scenario.flow, [...at, 'flow'], new Set());
}

/** A step that is but a word as an object of its own: what is known of a step is known by that object. */
function spellOut(flow: readonly unknown[]): unknown[] {
  return flow.map((item) => {
    if (typeof item === 'string') return { [item]: null };
    const { loop, parallel } = item as { loop?: unknown; parallel?: unknown };
    return {
      ...(item as object),
      ...(Array.isArray(loop) && { loop: spellOut(loop) }),
      ...(Array.isArray(parallel) && { parallel: spellOut(parallel) }),
    };
  });
}

/** The comment that the file begins with. */
function questionOf(text: string): string | undefined {
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('#')) break;
    const said = line.replace(/^#\s?/, '').trim();
    if (said === '' && lines.length > 0) break;
    if (said !== '' && !said.startsWith('yaml-language-server:')) lines.push(said);
  }
  return lines.length === 0 ? undefined : lines.join(' ');
}
