import type { Stage } from '../stage.ts';

/** What an expectation came to. Nothing returned means: it held, once. */
export interface Outcome {
  /** Where a step judges several things, which of them: its check is `name: aspect`. */
  aspect?: string;
  passed: number;
  failed: number;
  example?: string | undefined;
}

/** What is known of a step besides its own keys. */
export interface StepCall {
  /** Whose sockets: the label of `as`. */
  label: string;
  /** Its keys as they stand in the file, templates and all. */
  written: Readonly<Record<string, unknown>>;
  /** Counts what a long step has seen so far: for the live view, and for a run that is interrupted. */
  report(outcome: Outcome): void;
  /** Runs steps inside this one. */
  runAll(flow: unknown): Promise<void>;
}

/**
 * `acts` sets something off; `expects` says what must have come of it; `both` does the one, then the other; `neutral` is
 * time, loops and words.
 */
export type StepNature = 'acts' | 'expects' | 'both' | 'neutral';

/** One kind of step. `args` are its keys with all templates filled in. */
export interface Step<Args = never> {
  nature: StepNature;
  /** Its name in the verdict, from what stands in the file. */
  describe(args: Args, label: string): string;
  /** The parts that it judges apart. */
  aspects?: readonly string[];
  /** A row of its own in the verdict, also while nothing is wrong? */
  isJudged?(args: Args): boolean;
  /** Done to the server rather than by one socket: the deadlines of all sockets count from here. */
  isGlobal?: true;
  /** Leaves its templates alone: for steps that hold steps. */
  isRaw?: true;
  /** How long it takes by itself, where its keys say it. */
  takesMs?(args: Args): number;
  /** @throws Unmet where it does not hold */
  run(args: Args, stage: Stage, call: StepCall): Promise<Outcome[] | undefined>;
}

export function defineStep<Args>(step: Step<Args>): Step<Args> {
  return step;
}
