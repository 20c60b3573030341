import { SHORT } from './scenario/short-forms.ts';
import { STEP_NAMES, STEPS, type StepName } from './steps/index.ts';
import { DEFAULT_LABEL } from './steps/sockets.ts';
import type { Step } from './steps/step.ts';

/** A step as it is run: what the ways to write it have in common. */
export interface CompiledStep {
  name: StepName;
  step: Step;
  args: Record<string, unknown>;
  label: string;
  /** The name of its check in the verdict. */
  check: string;
  isJudged: boolean;
}

export class Compiler {
  readonly #names = new Map<string, number>();
  readonly #byItem = new Map<unknown, CompiledStep>();

  /** @param item one entry of a flow: `{ join: lobby, as: bob }` */
  compile(item: unknown): CompiledStep {
    // A step in a loop is one step, however often it is run.
    const known = this.#byItem.get(item);
    if (known !== undefined) return known;
    const compiled = this.#compileNew(item as Record<string, unknown>);
    this.#byItem.set(item, compiled);
    return compiled;
  }

  #compileNew(item: Record<string, unknown>): CompiledStep {
    const name = STEP_NAMES.find((candidate) => Object.hasOwn(item, candidate));
    if (name === undefined) throw new TypeError(`there is no step ${JSON.stringify(Object.keys(item).join(', '))}`);
    const step: Step = STEPS[name];
    const { as, ...args } = toArgs(name, item);
    const label = String(item['as'] ?? as ?? DEFAULT_LABEL);
    const said = item['name'];
    const isJudged = step.isJudged?.(args as never) ?? false;
    return {
      ...{ name, step, args, label },
      check: this.#unique(said === undefined ? step.describe(args as never, label) : String(said)),
      isJudged: isJudged || said !== undefined,
    };
  }

  #unique(name: string): string {
    const plain = name.replace(/\{\{\s*|\s*\}\}/g, '').replace(/\s+/g, ' ');
    const times = (this.#names.get(plain) ?? 0) + 1;
    this.#names.set(plain, times);
    return times === 1 ? plain : `${plain} (${times})`;
  }
}

function toArgs(name: StepName, item: Record<string, unknown>): Record<string, unknown> {
  const { [name]: value, as: _as, name: _name, ...beside } = item;
  const short = SHORT[name];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value, ...beside } as never;
  if (short === undefined || value === undefined || value === null) return beside;
  return { [short]: value, ...beside };
}

/** The checks that a flow declares, in its order. */
export function checksOf(flow: readonly unknown[], compiler = new Compiler()): { check: string; isJudged: boolean }[] {
  return flow.flatMap((item) => {
    const { name, step, check, isJudged, args } = compiler.compile(item);
    if (name === 'loop' || name === 'parallel')
      return checksOf((args['steps'] as unknown[] | undefined) ?? [], compiler);
    const aspects = step.aspects?.filter((aspect) => aspect !== 'in time' || args['within'] !== undefined);
    return (aspects ?? [undefined]).map((aspect) => ({ check: nameCheck(check, aspect), isJudged }));
  });
}

export const nameCheck = (check: string, aspect: string | undefined) =>
  aspect === undefined ? check : `${check}: ${aspect}`;

/** Checks of several scenarios in one run: each has its scenario's name before it. */
export const qualify = (scenario: string | undefined, check: string) =>
  scenario === undefined || scenario === '' ? check : `${scenario} › ${check}`;
