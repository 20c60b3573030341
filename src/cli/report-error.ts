import { inspect } from 'node:util';
import { RtError } from '../contract/errors.ts';
import { adviceFor } from './advice.ts';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { shortenWords, toMessageText } from './message-text.ts';

/** Says what happened, why, and what to type next; the stack only for whoever asks. Returns the exit code. */
export function reportError({ io, output }: Context, error: unknown): ExitCode {
  const { message, exitCode, next } = toCliError(error);
  output.problem(`error: ${shortenWords(toMessageText(message))}`);
  for (const line of next) output.problem(toMessageText(line));
  if (isDebugging(io.env['DEBUG'])) output.problem(inspect(error));
  return exitCode;
}

function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof RtError) return new CliError(exitCodeOf(error), describe(error), adviceFor(error));
  const message = error instanceof Error ? error.message : String(error);
  return new CliError(
    EXIT.broken,
    `something went wrong: ${message}`,
    'For the details, set DEBUG=rtserver and try again.',
  );
}

/** What is wrong with a configuration is told the same, whoever found it. */
function describe({ code, message, detail }: RtError): string {
  return code === 'CONFIG_INVALID' ? String(detail['reason'] ?? message) : `${message} (${code})`;
}

function exitCodeOf({ code }: RtError): ExitCode {
  if (code === 'SERVER_UNREACHABLE') return EXIT.unreachable;
  if (code === 'CONFIG_INVALID' || code === 'ADDRESS_IN_USE') return EXIT.usage;
  return EXIT.refused;
}

const isDebugging = (value: string | undefined) => value?.split(/[\s,]+/).includes('rtserver') === true;
