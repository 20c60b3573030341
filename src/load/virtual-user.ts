import { randomBytes, randomUUID } from 'node:crypto';
import { type CompiledStep, Compiler, nameCheck, qualify } from './compile.ts';
import type { Scope } from './expression.ts';
import { type Host, Stage } from './stage.ts';
import { findLost, nameOf } from './steps/sockets.ts';
import type { Outcome } from './steps/step.ts';
import { render } from './template.ts';

export interface Play {
  name?: string | undefined;
  flow: readonly unknown[];
}

/** Prepared once, performed by any number of virtual users. */
export function createPlay(
  { name, flow }: Play,
  compiler = new Compiler(),
): (host: Host, scope: Scope) => Promise<Failure | undefined> {
  return async (host, scope) => {
    const stage = new Stage(host, { $uuid: randomUUID(), ...scope, $vu: randomBytes(5).toString('hex') });
    host.recorder.count('users_started');
    try {
      await runAll(flow, stage, compiler, name);
      missNobody(stage, name);
      return undefined;
    } catch (error) {
      host.recorder.count('users_failed');
      return error instanceof Failure ? error : new Failure('the scenario', String(error));
    } finally {
      await stage.close();
    }
  };
}

/** A step that did not hold: the end of its virtual user. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly check: string;

  constructor(check: string, message: string) {
    super(message);
    this.check = check;
  }
}

/** The end of a flow misses whom no step after it can: a socket that the server ended, and that nothing expected. */
function missNobody(stage: Stage, name: string | undefined): void {
  const losses = [...stage.cast].flatMap(([label, members]) => {
    const lost = findLost(members);
    return lost === undefined ? [] : `${nameOf(label)}: ${lost}`;
  });
  if (losses.length === 0) return;
  // One check for all labels: a label may hold a number of its virtual user.
  const check = qualify(name, 'no socket is lost until the end');
  stage.host.recorder.check(check, 0, 1, losses.join('; '));
  throw new Failure(check, losses.join('; '));
}

async function runAll(
  flow: readonly unknown[],
  stage: Stage,
  compiler: Compiler,
  name: string | undefined,
): Promise<void> {
  for (const item of flow) await runStep(compiler.compile(item), stage, compiler, name);
}

async function runStep(
  compiled: CompiledStep,
  stage: Stage,
  compiler: Compiler,
  name: string | undefined,
): Promise<void> {
  const { step, args, label, check, isJudged } = compiled;
  const { recorder } = stage.host;
  if (step.nature === 'acts' || step.nature === 'both') stage.arm();
  if (step.isGlobal) stage.actOnAll();
  const note = (outcome: Outcome) => {
    const { aspect, passed, failed, example } = outcome;
    recorder.check(qualify(name, nameCheck(check, aspect)), passed, failed, failed > 0 ? example : undefined);
    if (failed > 0) broken ??= outcome;
  };
  let broken: Outcome | undefined;
  let outcomes: Outcome[] | undefined;
  try {
    const filled = step.isRaw ? args : render(args, stage.scope);
    outcomes = await step.run(filled as never, stage, {
      label: render(label, stage.scope),
      written: args,
      report: note,
      runAll: (inner) => runAll(inner as unknown[], stage, compiler, name),
    });
  } catch (error) {
    // It stands under its own name already.
    if (error instanceof Failure) throw error;
    outcomes = [{ passed: 0, failed: 1, example: error instanceof Error ? error.message : String(error) }];
  }
  if (step.nature === 'expects') stage.disarm();
  // Time and words are no expectation, unless they were given the name of one.
  if (step.nature === 'neutral' && outcomes === undefined && !isJudged) return;
  for (const outcome of outcomes ?? [{ passed: 1, failed: 0 }]) note(outcome);
  if (broken === undefined) return;
  throw new Failure(qualify(name, nameCheck(check, broken.aspect)), broken.example ?? 'it does not hold');
}
