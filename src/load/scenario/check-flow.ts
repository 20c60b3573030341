import { didYouMean } from '../../contract/did-you-mean.ts';
import { STEP_NAMES, type StepName } from '../steps/index.ts';
import { DEFAULT_LABEL } from '../steps/sockets.ts';
import { isTemplate } from '../template.ts';
import type { Source } from './problems.ts';
import { SHORT } from './short-forms.ts';
import { BESIDE, BESIDE_LOOP, STEP_SCHEMAS } from './step-schemas.ts';

type Path = readonly PropertyKey[];

/** Everything that is wrong with a list of steps. `labels` are the sockets that there are by then. */
export function checkFlow(source: Source, flow: readonly unknown[], at: Path, labels: Set<string>): void {
  for (const [index, item] of flow.entries()) checkItem(source, item, [...at, index], labels);
}

function checkItem(source: Source, item: unknown, at: Path, labels: Set<string>): void {
  if (typeof item === 'string') {
    checkBare(source, item, at);
    return;
  }
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    source.at(at, `a step is written as "name: …", not as ${JSON.stringify(item)}`);
    return;
  }
  const keys = Object.keys(item);
  const names = keys.filter(isStepName);
  const [name] = names;
  if (name === undefined) {
    const stranger = keys.find((key) => !(BESIDE as readonly string[]).includes(key)) ?? keys[0] ?? '';
    source.atKey(at, stranger, unknownStep(stranger));
    return;
  }
  if (names.length > 1) {
    source.atKey(at, names[1] ?? '', `one step each: ${names.join(' and ')} are two`);
    return;
  }
  const beside: readonly string[] = name === 'loop' ? [...BESIDE, ...BESIDE_LOOP] : BESIDE;
  for (const key of keys) {
    if (key === name || beside.includes(key)) continue;
    const own = Object.keys(STEP_SCHEMAS[name].shape);
    const inside = own.includes(key)
      ? ` It belongs one level deeper, under ${name}.`
      : didYouMean(key, [...beside, ...own]);
    source.atKey(at, key, `there is no key "${key}" beside ${name}.${inside}`);
  }
  checkArgs(source, name, (item as Record<string, unknown>)[name], [...at, name], item as Record<string, unknown>);
  checkLabel(source, name, item as Record<string, unknown>, at, labels);
  if (name !== 'loop' && name !== 'parallel') return;
  const steps = (item as Record<string, unknown>)[name];
  if (Array.isArray(steps)) checkFlow(source, steps, [...at, name], labels);
}

function checkBare(source: Source, item: string, at: Path): void {
  if (!isStepName(item)) {
    source.at(at, unknownStep(item));
    return;
  }
  if (!STEP_SCHEMAS[item].safeParse({}).success) {
    source.at(at, `${item} needs ${Object.keys(STEP_SCHEMAS[item].shape).join(', ')}`);
  }
}

function checkArgs(source: Source, name: StepName, value: unknown, at: Path, item: Record<string, unknown>): void {
  const schema = STEP_SCHEMAS[name];
  const short = SHORT[name];
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject) {
    const { as: _as, ...args } = value as Record<string, unknown>;
    source.check(at, schema, args, name);
    return;
  }
  if (value === null || value === undefined) {
    if (!schema.safeParse({}).success)
      source.at(at, `${name} needs ${Object.keys(schema.shape).slice(0, 3).join(', ')}`);
    return;
  }
  if (short === undefined) {
    source.at(at, `${name} needs keys of its own: ${Object.keys(schema.shape).join(', ')}`);
    return;
  }
  const part = schema.shape[short];
  if (part !== undefined) source.check(at, part as never, value, name);
  if (name !== 'loop') return;
  const { loop: _loop, as: _as, name: _name, ...rest } = item;
  source.check(at.slice(0, -1), schema.partial(), rest, name);
}

/** A socket that no earlier step connects is a misspelt one. */
function checkLabel(
  source: Source,
  name: StepName,
  item: Record<string, unknown>,
  at: Path,
  labels: Set<string>,
): void {
  const inside = (item[name] as { as?: unknown } | null | undefined)?.as;
  const label = item['as'] ?? inside;
  if (name === 'connect' || name === 'cohort' || name === 'climb') {
    labels.add(String(label ?? DEFAULT_LABEL));
    return;
  }
  if (typeof label !== 'string' || isTemplate(label) || labels.has(label)) return;
  const where = item['as'] === undefined ? [...at, name] : at;
  source.atKey(
    where,
    'as',
    `no step before this one connects a socket as "${label}".${didYouMean(label, [...labels])}`,
  );
}

const isStepName = (key: string): key is StepName => (STEP_NAMES as readonly string[]).includes(key);

function unknownStep(name: string): string {
  const hint = didYouMean(name, STEP_NAMES);
  return `there is no step "${name}".${hint || ` There are: ${STEP_NAMES.join(', ')}.`}`;
}
