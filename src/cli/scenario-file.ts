import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean } from '../contract/did-you-mean.ts';
import { describeFileTrouble } from '../contract/file-trouble.ts';
import { printable } from '../contract/printable.ts';
import type { ScenarioFile } from '../load/scenario/check-file.ts';
import type { Problem } from '../load/scenario/problems.ts';
import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';

export interface FoundScenario {
  path: string;
  text: string;
  file: ScenarioFile;
}

const OWN_FOLDER = new URL('../../scenarios/', import.meta.url);
const OWN = ['limits', 'heartbeat', 'rooms', 'acks', 'auth', 'fanout', 'reconnect', 'soak', 'capacity'];

/** The bare name of one of ours; it may be said as the place that it has in the package, where nothing else is there. */
function ownName(cwd: string, said: string): string | undefined {
  const name = /^scenarios\/(\w+)\.yml$/.exec(said)?.[1] ?? said;
  return OWN.includes(name) && (name === said || !existsSync(resolve(cwd, said))) ? name : undefined;
}

/**
 * A scenario by its file, or one of ours by its bare name; nothing runs unless all of it is sound, with these variables.
 */
export async function findScenario(
  { io, output }: Context,
  said: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<FoundScenario> {
  const own = ownName(io.cwd, said);
  const path = own === undefined ? resolve(io.cwd, said) : fileURLToPath(new URL(`${own}.yml`, OWN_FOLDER));
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw usageError(
      `the scenario ${said} cannot be read: ${describeFileTrouble(cause)}.${didYouMean(said, OWN)}`,
      `Next: name a file, or one that comes with rtserver: ${OWN.join(', ')}.`,
      { cause },
    );
  }
  const { checkFile } = await import('../load/scenario/check-file.ts');
  const { file, problems } = checkFile(text);
  if (file !== undefined) problems.push(...(await checkVariables(said, text, file, variables)));
  if (file !== undefined && problems.length === 0) return { path, text, file };
  // One of ours is named without its place, and that is what an editor opens.
  const place = own === undefined ? said : path;
  for (const { line, column, message } of problems) output.problem(`${place}:${line}:${column}: ${printable(message)}`);
  const count = problems.length === 1 ? 'it has a mistake' : `it has ${problems.length} mistakes`;
  throw usageError(`${said} was not run: ${count}`);
}

async function checkVariables(said: string, text: string, file: ScenarioFile, variables: object): Promise<Problem[]> {
  const { findStrangeVariable } = await import('../load/scenario/variables.ts');
  const strange = findStrangeVariable(text, file, Object.keys(variables));
  if (strange !== undefined) throw usageError(`${said} was not run: ${strange}`);
  const { checkTemplates } = await import('../load/scenario/check-templates.ts');
  return checkTemplates(text, file, variables as Readonly<Record<string, unknown>>);
}
