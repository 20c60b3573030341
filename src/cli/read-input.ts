import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describeFileTrouble } from '../contract/file-trouble.ts';
import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';

/**
 * A file's text, or that of stdin for `-`.
 *
 * @param next what to type where it cannot be read
 */
export async function readInput(
  { io, output }: Context,
  file: string,
  next: string | readonly string[] = [],
): Promise<string> {
  if (file === '-') {
    if (io.stdin.isTTY) output.note('Reading from the terminal; end with Ctrl-D.');
    return await text(io.stdin);
  }
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw usageError(`${file} cannot be read: ${describeFileTrouble(cause)}`, next, { cause });
  }
}
