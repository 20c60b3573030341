import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';

/** Refuses what draws on a screen where there is none. */
export function requireTerminal({ io }: Context, what: string, next: string): void {
  const why = !io.stdout.isTTY
    ? 'stdout is not one'
    : !io.stdin.isTTY
      ? 'stdin is not one'
      : io.env['TERM'] === 'dumb'
        ? 'TERM is "dumb"'
        : undefined;
  if (why !== undefined) throw usageError(`${what} needs a terminal, and ${why}`, next);
}
