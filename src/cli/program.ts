import { Command, Option } from 'commander';
import { VERSION } from '../contract/version.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import type { Context } from './context.ts';
import { shortenWords, toMessageText } from './message-text.ts';

/** The command line, of whose commands only the one that was typed will be loaded. */
export function createProgram(context: Context): Command {
  const { stdout, stderr } = context.io;
  const { wording } = context.output;
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
      writeOut: (text) => void stdout.write(wording(text)),
      writeErr: (text) => void stderr.write(wording(shortenWords(toMessageText(text)))),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
    .showHelpAfterError('Try: rtserver --help')
    .addHelpText('after', EXAMPLES);
  // After the settings above: a command copies them when it is added.
  for (const { name, summary } of COMMANDS) {
    program.command(name).summary(summary).showHelpAfterError(`Try: rtserver ${name} --help`);
  }
  program.hook('preAction', (_program, command) => {
    const { quiet, verbose } = command.opts<{ quiet?: true; verbose?: true }>();
    if (quiet) context.output.loudness = 'quiet';
    if (verbose) context.output.loudness = 'verbose';
  });
  program.hook('preSubcommand', async (_program, command) => {
    await configureCommand(COMMANDS, command, context);
  });
  return program;
}

/** The same with every command and subcommand in it, for whoever describes them all. */
export async function loadProgram(context: Context): Promise<Command> {
  const program = createProgram(context);
  for (const command of program.commands) {
    const { subcommands = [] } = (await configureCommand(COMMANDS, command, context)) ?? {};
    for (const each of command.commands) await configureCommand(subcommands, each, context);
  }
  return program;
}

async function configureCommand(
  entries: readonly CommandEntry[],
  command: Command,
  context: Context,
): Promise<CommandEntry | undefined> {
  const entry = entries.find(({ name }) => name === command.name());
  if (entry === undefined) return undefined;
  (await entry.load()).configure(command, context);
  command
    .addOption(new Option('-q, --quiet', 'say nothing but data, warnings and errors').conflicts('verbose'))
    .option('-v, --verbose', 'say what is done on the way');
  for (const { name, summary } of entry.subcommands ?? []) {
    command.command(name).summary(summary).showHelpAfterError(`Try: rtserver ${entry.name} ${name} --help`);
  }
  if (entry.subcommands !== undefined) {
    command.helpCommand(false).hook('preSubcommand', async (_command, chosen) => {
      await configureCommand(entry.subcommands ?? [], chosen, context);
    });
  }
  return entry;
}

const EXAMPLES = `
The first minute, in an empty folder:
  rtserver start
  rtserver join protocol:7 --user 42          (in a second shell)
  rtserver emit --user 42 --event hello --payload '{"text":"hi"}'   (in a third)

Each command has its own help: rtserver <command> --help`;
