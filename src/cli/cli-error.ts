import { EXIT, type ExitCode } from './exit-code.ts';

/** An error that a person can do something about: what happened and why, the exit code, and what to type next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly next: readonly string[];

  constructor(exitCode: ExitCode, message: string, next: string | readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.next = typeof next === 'string' ? [next] : next;
  }
}

/**
 * Makes all of these checks, and throws what they throw as one error: who mends one thing wants to know of the next.
 *
 * @throws CliError
 */
export function requireAll(...checks: readonly (() => void)[]): void {
  const errors: CliError[] = [];
  for (const check of checks) {
    try {
      check();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      errors.push(error);
    }
  }
  const [first, ...others] = errors;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const messages = errors.map(({ message }) => message).join('\n');
  throw new CliError(first.exitCode, messages, [...new Set(errors.flatMap(({ next }) => next))], { cause: first });
}

/** A mistake in what was typed or configured. */
export function usageError(message: string, next?: string | readonly string[], options?: ErrorOptions): CliError {
  return new CliError(EXIT.usage, message, next, options);
}
