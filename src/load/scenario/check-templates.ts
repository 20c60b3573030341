import type { z } from 'zod';
import { didYouMean } from '../../contract/did-you-mean.ts';
import { type Scope, UnknownVariable } from '../expression.ts';
import { show } from '../match.ts';
import { STEP_NAMES, type StepName } from '../steps/index.ts';
import { isTemplate, render } from '../template.ts';
import type { ScenarioFile } from './check-file.ts';
import { configSchema, ENGINE } from './file-schemas.ts';
import { type Problem, Source } from './problems.ts';
import { SHORT } from './short-forms.ts';
import { STEP_SCHEMAS } from './step-schemas.ts';
import { OF_THE_SERVER } from './variables.ts';

type Path = readonly PropertyKey[];

/**
 * What is wrong with a sound file once its variables have their values: a word where a number must be, a name that nobody
 * gives. What only the run knows is judged there: what the server says, and what functions and loops set.
 */
export function checkTemplates(text: string, file: ScenarioFile, given: Scope): Problem[] {
  const source = new Source(text);
  const raw = source.value as Pick<ScenarioFile, 'config' | 'scenarios'>;
  const check = new TemplateCheck(source, file, given);
  const { variables = {}, phases, ensure, rtserver } = raw.config ?? {};
  for (const [name, value] of Object.entries(variables)) {
    if (!Object.hasOwn(given, name)) check.values(undefined, { [name]: value }, ['config', 'variables'], name);
  }
  check.values(configSchema, { phases, ensure, rtserver: { settle: rtserver?.settle } }, ['config'], 'config');
  for (const [index, { engine = ENGINE, flow }] of raw.scenarios.entries()) {
    if (engine === ENGINE) check.flow(flow, ['scenarios', index, 'flow']);
  }
  return source.problems;
}

class TemplateCheck {
  readonly #source: Source;
  readonly #scope: Scope;
  /** Names that will have a value, which is not known yet. */
  readonly #later: ReadonlySet<string>;
  /** Rows of a file and functions bring names of any kind. */
  readonly #hasStrangers: boolean;

  constructor(source: Source, { config, scenarios }: ScenarioFile, given: Scope) {
    this.#source = source;
    const own = { ...config.variables, ...given };
    const later = new Set<string>([...OF_THE_SERVER, ...namesOfLoops(scenarios)]);
    const scope: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(own)) {
      try {
        // Of a list, each virtual user is given one by Artillery.
        if (Array.isArray(value)) later.add(name);
        else scope[name] = render(value, own);
      } catch {
        later.add(name);
      }
    }
    this.#scope = scope;
    this.#later = later;
    this.#hasStrangers = config.processor !== undefined || config.payload !== undefined;
  }

  flow(flow: readonly unknown[], at: Path): void {
    for (const [index, item] of flow.entries()) {
      if (typeof item === 'object' && item !== null) this.#step(item as Record<string, unknown>, [...at, index]);
    }
  }

  /** @param schema what the values must be once the templates in them are filled in; left out, anything will do */
  values(schema: z.ZodType | undefined, args: object, at: Path, what: string): void {
    for (const [path, template] of templatesIn(args)) {
      const seen = this.#evaluate(template, [...at, ...path]);
      if (seen === undefined || schema === undefined) continue;
      const results = spellings(seen.value).map((value) => schema.safeParse(replaceAt(args, path, value)));
      if (results.some(({ success }) => success)) continue;
      const issue = results[0]?.error?.issues[0];
      const wanted = issue?.message.replace(/, or a template$/, '') ?? 'is wrong';
      const name = issue === undefined ? what : `${what}: "${issue.path.map(String).join('.')}"`;
      const value = typeof seen.value === 'number' ? String(seen.value) : show(seen.value);
      this.#source.at([...at, ...path], `${name} ${wanted}, and ${template.trim()} is ${value}`);
    }
  }

  #step(item: Record<string, unknown>, at: Path): void {
    const name = STEP_NAMES.find((candidate) => Object.hasOwn(item, candidate)) as StepName;
    const value = item[name];
    const schema = STEP_SCHEMAS[name];
    if (Array.isArray(value)) {
      const { [name]: steps, as: _as, name: _name, ...beside } = item;
      this.values(schema.partial(), beside, at, name);
      this.flow(steps as unknown[], [...at, name]);
    } else if (typeof value === 'object' && value !== null) {
      const { as: _as, ...args } = value as Record<string, unknown>;
      this.values(schema, args, [...at, name], name);
    } else {
      const short = SHORT[name];
      if (short !== undefined) this.values(schema, { [short]: value }, [...at, name], name);
    }
  }

  /** `undefined` where the value cannot be known yet, or will never be. */
  #evaluate(template: string, at: Path): { value: unknown } | undefined {
    try {
      return { value: render(template, this.#scope) };
    } catch (error) {
      const { variable } = error instanceof UnknownVariable ? error : {};
      const [name = ''] = variable?.split('.') ?? [];
      if (variable !== undefined && (this.#hasStrangers || name.startsWith('$') || this.#later.has(name))) {
        return undefined;
      }
      const hint = variable === undefined ? '' : `.${didYouMean(name, [...Object.keys(this.#scope), ...this.#later])}`;
      this.#source.at(at, `${(error as Error).message}${hint}`);
      return undefined;
    }
  }
}

/** What steps in a loop are told. */
function namesOfLoops(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { loopValue, loopElement } = value as { loopValue?: unknown; loopElement?: unknown };
  const own = [loopValue, loopElement].filter((name) => typeof name === 'string');
  return [...own, ...Object.values(value).flatMap(namesOfLoops)];
}

function* templatesIn(value: unknown, at: string[] = []): Generator<[path: string[], template: string]> {
  if (isTemplate(value)) yield [at, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* templatesIn(inner, [...at, key]);
}

/** Steps take the text `5` for a number, and the number for a text. */
function spellings(value: unknown): unknown[] {
  if (typeof value === 'number') return [value, String(value)];
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
    ? [value, Number(value)]
    : [value];
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const inner = (value as Record<string, unknown>)[key];
  const replaced = replaceAt(inner, rest, replacement);
  if (Array.isArray(value)) return value.with(Number(key), replaced);
  return { ...(value as object), [key]: replaced };
}
