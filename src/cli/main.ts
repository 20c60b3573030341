import { CommanderError } from 'commander';
import { COMMANDS } from './commands.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type Io, processIo } from './io.ts';
import { createOutput } from './output.ts';
import { createProgram, loadProgram } from './program.ts';
import { reportError } from './report-error.ts';
import { createWording } from './wording.ts';

const NAMES = COMMANDS.map(({ name }) => name);

/** Runs one command. Resolves to the exit code; never rejects, and never ends the process. */
export async function main(argv: readonly string[], io: Io = processIo): Promise<ExitCode> {
  const closed = new AbortController();
  watchStreams(io, closed);
  const context: Context = {
    io,
    output: createOutput(io, createWording(io.env, NAMES)),
    outputClosed: closed.signal,
    loadProgram: () => loadProgram(context),
    exitCode: EXIT.done,
  };
  try {
    await createProgram(context).parseAsync(rewriteHelp(argv), { from: 'user' });
    return closed.signal.aborted && !context.isStdoutLog
      ? outcomeOfClosedOutput(context, closed.signal)
      : context.exitCode;
  } catch (error) {
    // Commander has said it already, help and version included.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportError(context, error);
  }
}

/** Help is a flag of each command; `help`, `help join` and nothing at all mean the same. */
function rewriteHelp(argv: readonly string[]): string[] {
  if (argv.length === 0) return ['--help'];
  if (argv[0] !== 'help') return [...argv];
  const [, topic, ...more] = argv;
  // A topic that is no command: the error that names the nearest one.
  if (topic !== undefined && !NAMES.includes(topic)) return [topic];
  return [...(topic === undefined ? [] : [topic, ...more]), '--help'];
}

/** Without a listener, a stream that fails would end the process with a stack trace. */
function watchStreams({ stdout, stderr }: Io, closed: AbortController): void {
  stdout.on('error', (error) => closed.abort(error));
  stderr.on('error', () => {});
}

/** A reader that went away (`| head`) is no error of ours; a full disk is one. */
function outcomeOfClosedOutput(context: Context, { reason }: AbortSignal): ExitCode {
  if ((reason as NodeJS.ErrnoException).code === 'EPIPE') return context.exitCode;
  context.output.problem(`error: stdout cannot be written: ${(reason as Error).message}`);
  return EXIT.broken;
}
