import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import { readInput } from './read-input.ts';

/**
 * The token that an argument is, or that stdin has for `-`.
 *
 * @param what it is wanted for: `to verify`
 */
export async function readToken(context: Context, said: string, what: string): Promise<string> {
  const token = (said === '-' ? await readInput(context, '-') : said).trim();
  if (token === '') throw usageError(`there is no token ${what}: it is empty`);
  return token;
}
