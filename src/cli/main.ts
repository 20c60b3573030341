import { Command, CommanderError } from 'commander';
import { VERSION } from '../contract/version.ts';
import { COMMANDS } from './commands.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit-code.ts';
import { type Io, processIo } from './io.ts';
import { createOutput } from './output.ts';
import { reportError } from './report-error.ts';

/** Runs one command. Resolves to the exit code; never rejects, and never ends the process. */
export async function main(argv: readonly string[], io: Io = processIo): Promise<number> {
  const closed = new AbortController();
  watchStreams(io, closed);
  const context: Context = { io, output: createOutput(io), outputClosed: closed.signal, exitCode: EXIT.done };
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

function createProgram(context: Context): Command {
  const { stdout, stderr } = context.io;
  const program = new Command('rtserver')
    .description('A Socket.IO server that does it right, and the tools to see and prove it.')
    .usage('<command> [options]')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show what a command does, with examples')
    // `help join` would skip the hook below and show a command without its flags; `rewriteHelp` does it instead.
    .helpCommand(false)
    // A flag belongs to the command that it follows: `token verify --secret x` is not a flag of `token`.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
    .showHelpAfterError('Try: rtserver --help')
    .addHelpText('after', EXAMPLES);
  // After the settings above: a command copies them when it is added.
  for (const { name, summary } of COMMANDS) {
    program.command(name).summary(summary).showHelpAfterError(`Try: rtserver ${name} --help`);
  }
  program.hook('preSubcommand', async (_program, command) => {
    const entry = COMMANDS.find(({ name }) => name === command.name());
    (await entry?.load())?.configure(command, context);
  });
  return program;
}

const EXAMPLES = `
The first minute, in an empty folder:
  rtserver start
  rtserver join protocol:7 --user 42          (in a second shell)
  rtserver emit --user 42 --event hello --payload '{"text":"hi"}'   (in a third)

Each command has its own help: rtserver <command> --help`;

/** Help is a flag of each command; `help`, `help join` and nothing at all mean the same. */
function rewriteHelp(argv: readonly string[]): string[] {
  if (argv.length === 0) return ['--help'];
  if (argv[0] !== 'help') return [...argv];
  const [, topic, ...more] = argv;
  // A topic that is no command: the error that names the nearest one.
  if (topic !== undefined && !COMMANDS.some(({ name }) => name === topic)) return [topic];
  return [...(topic === undefined ? [] : [topic, ...more]), '--help'];
}

/** Without a listener, a stream that fails would end the process with a stack trace. */
function watchStreams({ stdout, stderr }: Io, closed: AbortController): void {
  stdout.on('error', (error) => closed.abort(error));
  stderr.on('error', () => {});
}

/** A reader that went away (`| head`) is no error of ours; a full disk is one. */
function outcomeOfClosedOutput(context: Context, { reason }: AbortSignal): number {
  if ((reason as NodeJS.ErrnoException).code === 'EPIPE') return context.exitCode;
  context.output.note(`error: stdout cannot be written: ${(reason as Error).message}`);
  return EXIT.failed;
}
