import type { Command } from 'commander';
import { didYouMean } from '../../contract/did-you-mean.ts';
import { printable } from '../../contract/printable.ts';
import { usageError } from '../cli-error.ts';
import { resolveConfiguration } from '../configuration.ts';
import type { Context } from '../context.ts';
import { type EffectiveSetting, listEffectiveSettings } from '../effective-settings.ts';
import { addExamples, addJsonFlag, addSecretFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { addSettingFlags, readStartFlags, type StartFlags } from '../start-flags.ts';

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Shows every setting with its value and where it came from: a flag, the environment, the configuration file or the default. Takes the flags of `start`, so that it says what that `start` would run with. Secrets are hidden.',
    )
    .argument('[unexpected...]')
    .usage('[options]')
    .enablePositionalOptions();
  addSettingFlags(command);
  addJsonFlag(command, 'print { file, settings: [{ key, value, from, source? }] }');
  addSecretFlags(command);
  addExamples(command, [
    'rtserver config',
    'RTSERVER_PORT=4000 rtserver config --max-connections-per-user 5',
    'rtserver config --config rtserver.config.yaml --json',
    'rtserver config init --format yaml',
  ]);
  command.action(async ([unexpected]: string[], flags: StartFlags) => {
    if (unexpected !== undefined) {
      throw usageError(
        `config does not take "${unexpected}".${didYouMean(unexpected, ['init'])}`,
        'Try: rtserver config --help',
      );
    }
    await showConfiguration(context, flags);
  });
}

async function showConfiguration(context: Context, { json, ...flags }: StartFlags): Promise<void> {
  const { output } = context;
  const configuration = await resolveConfiguration(context, {
    config: flags.config,
    flags: readStartFlags(flags),
    isForNew: true,
    isForShow: true,
  });
  const settings = await listEffectiveSettings(context, configuration);
  if (json) {
    output.json({ file: configuration.file ?? null, settings: settings.map(({ shown, ...rest }) => rest) });
  } else {
    await printTable(output, settings);
    output.note(
      configuration.file === undefined ? 'no configuration file' : `configuration file: ${configuration.file}`,
    );
  }
  // After what there is to show: the rest of it is what somebody wants to see who looks for the mistake.
  if (configuration.unread.size > 0) throw usageError([...configuration.unread.values()].join('\n'));
}

async function printTable(output: Output, settings: readonly EffectiveSetting[]): Promise<void> {
  const { alignColumns } = await import('../../contract/width.ts');
  const [title = '', ...rows] = alignColumns([['SETTING', 'VALUE', 'FROM'], ...settings.map(toRow)]);
  output.line(output.bold(title));
  for (const [index, row] of rows.entries()) output.line(settings[index]?.from === 'default' ? output.dim(row) : row);
}

function toRow({ key, shown, from, source }: EffectiveSetting): string[] {
  return [key, printable(shown), source === undefined || from === 'file' ? from : `${from} (${printable(source)})`];
}
