import { parseDuration } from '../../contract/units.ts';
import { show } from '../match.ts';
import { toCount } from '../quantity.ts';
import { render } from '../template.ts';
import { defineStep } from './step.ts';

/** Artillery's own: a bare number is seconds. */
export const think = defineStep<{ value: number | string }>({
  nature: 'neutral',
  describe: ({ value }) => `think ${value}`,
  takesMs: ({ value }) => toThinkMs(value),
  async run({ value }) {
    await new Promise((resolve) => setTimeout(resolve, toThinkMs(value)));
  },
});

function toThinkMs(value: number | string): number {
  const ms = /^\d+(\.\d+)?$/.test(String(value)) ? Number(value) * 1_000 : parseDuration(String(value));
  if (ms === undefined) throw new TypeError(`think must be seconds or a duration, and is ${show(value)}`);
  return ms;
}

interface LoopArgs {
  steps: unknown;
  count?: number | string;
  over?: unknown;
  loopValue?: string;
  loopElement?: string;
}

export const loop = defineStep<LoopArgs>({
  nature: 'neutral',
  isRaw: true,
  describe: () => 'loop',
  async run(args, stage, { runAll }) {
    const over = args.over === undefined ? undefined : render(args.over, stage.scope);
    const items = Array.isArray(over) ? over : undefined;
    const rounds = items?.length ?? toCount(render(args.count ?? 1, stage.scope), 'count');
    for (let round = 0; round < rounds; round += 1) {
      stage.scope[args.loopValue ?? '$loopCount'] = round + 1;
      if (items !== undefined) stage.scope[args.loopElement ?? '$loopElement'] = items[round];
      await runAll(args.steps);
    }
  },
});

export const parallel = defineStep<{ steps: unknown[] }>({
  nature: 'neutral',
  isRaw: true,
  describe: () => 'parallel',
  async run({ steps }, _stage, { runAll }) {
    // All of them are let finish: sockets must not be pulled away from under a step that still works with them.
    const results = await Promise.allSettled(steps.map((step) => runAll([step])));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  },
});

export const log = defineStep<{ value: unknown }>({
  nature: 'neutral',
  describe: () => 'log',
  run: async ({ value }, stage) => void stage.host.log(typeof value === 'string' ? value : show(value)),
});

export const callFunction = defineStep<{ value: string }>({
  nature: 'neutral',
  describe: ({ value }) => `the function ${value}`,
  run: async ({ value }, stage) => void (await stage.host.call(value, stage.scope)),
});
