import { Compiler } from './compile.ts';
import type { Scope } from './expression.ts';
import { toCount } from './quantity.ts';
import { render } from './template.ts';

/** What `artillery run` takes by itself to begin and to end. */
const ARTILLERY_MS = 5_000;

export interface Plan {
  flows: readonly (readonly unknown[])[];
  variables: Scope;
  /** How long virtual users arrive; without phases, the flows are played one after the other. */
  arrivalsMs: number | undefined;
}

/**
 * About how long a run will take: what its phases and steps say, without what they wait for. `undefined` where that hangs on
 * something that is known only once it runs.
 */
export function estimateMs({ flows, variables, arrivalsMs }: Plan): number | undefined {
  const scope = { ...variables, $vu: 1, $loopCount: 1 };
  try {
    const lengths = flows.map((flow) => sum(lengthsOf(flow, scope)));
    return ARTILLERY_MS + (arrivalsMs === undefined ? sum(lengths) : arrivalsMs + Math.max(0, ...lengths));
  } catch {
    return undefined;
  }
}

function lengthsOf(flow: readonly unknown[], scope: Scope): number[] {
  const compiler = new Compiler();
  return flow.map((item) => {
    const { name, step, args } = compiler.compile(item);
    if (name === 'parallel') return Math.max(0, ...lengthsOf(stepsOf(args), scope));
    if (name === 'loop') return roundsOf(args, scope) * sum(lengthsOf(stepsOf(args), scope));
    return step.takesMs?.(fillWhatCan(args, scope) as never) ?? 0;
  });
}

const stepsOf = ({ steps }: Record<string, unknown>) => (Array.isArray(steps) ? steps : []);

function roundsOf({ over, count = 1 }: Record<string, unknown>, scope: Scope): number {
  const items = render(over, scope);
  return Array.isArray(items) ? items.length : toCount(render(count, scope), 'count');
}

/** A payload may have names in it that a function of the scenario sets; how long its step takes does not hang on them. */
function fillWhatCan(args: Record<string, unknown>, scope: Scope): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      try {
        return [key, render(value, scope)];
      } catch {
        return [key, value];
      }
    }),
  );
}

const sum = (lengths: readonly number[]) => lengths.reduce((total, each) => total + each, 0);
