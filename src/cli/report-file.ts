import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describeNewFileTrouble } from '../contract/file-trouble.ts';
import { type CliError, usageError } from './cli-error.ts';
import type { Context } from './context.ts';

/**
 * Where a `--report` goes, absolute. Asked before the run: what cannot be written must not be found out about after it.
 *
 * @throws CliError
 */
export async function requireReportPath({ io }: Context, said: string): Promise<string> {
  const path = resolve(io.cwd, said);
  try {
    await access(dirname(path), constants.W_OK);
    if ((await stat(path)).isDirectory()) throw new Error('it is a folder');
    await access(path, constants.W_OK);
  } catch (cause) {
    // A new file, in a folder that takes it.
    const { code, path: missing } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || missing !== path) throw unwritableReport(said, cause);
  }
  return path;
}

/** The error for a report that could not be written after all. */
export function unwritableReport(said: string, cause: unknown): CliError {
  return usageError(
    `the report ${said} cannot be written: ${describeNewFileTrouble(cause)}`,
    'Next: name a file in a folder that is there and may be written to.',
    { cause },
  );
}
