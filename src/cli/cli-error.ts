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

/** A mistake in what was typed or configured. */
export function usageError(message: string, next?: string | readonly string[], options?: ErrorOptions): CliError {
  return new CliError(EXIT.usage, message, next, options);
}
