import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { addExamples, addJsonFlag, type JsonFlag, oneOf } from '../flags.ts';
import { STARTER_FORMATS, type StarterFormat } from '../starter-file.ts';

interface InitFlags extends JsonFlag {
  format: StarterFormat;
}

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Writes rtserver.config.* into this folder: every setting with what it does and its default, commented out. JSON has no comments: that file names its schema alone, by which editors show the settings. Never overwrites a file.',
    )
    .addOption(
      command
        .createOption('--format <format>', STARTER_FORMATS.join(', '))
        .argParser(oneOf(STARTER_FORMATS))
        .default('ts', 'ts'),
    );
  addJsonFlag(command, 'print { path }');
  addExamples(command, ['rtserver config init', 'rtserver config init --format yaml']);
  command.action(async ({ format, json }: InitFlags) => {
    const path = await writeStarter(context, format);
    if (json) context.output.json({ path });
    else context.output.line(path);
    const how = format === 'json' ? 'add' : 'uncomment';
    context.output.note(`Next: ${how} what you need; \`rtserver config\` shows what is in force.`);
    context.exitCode = EXIT.done;
  });
}

async function writeStarter({ io }: Context, format: StarterFormat): Promise<string> {
  const present = readdirSync(io.cwd).find((name) => /^rtserver\.config\.(?:[mc]?[jt]s|json|ya?ml)$/.test(name));
  if (present !== undefined) {
    throw usageError(
      `there is a configuration file in this folder already: ${present}`,
      'Next: `rtserver config` shows what is in force; to begin anew, remove the file.',
    );
  }
  const { renderStarter } = await import('../starter-file.ts');
  const { listSettingReferences } = await import('../../settings-reference.ts');
  const path = join(io.cwd, `rtserver.config.${format}`);
  try {
    writeFileSync(path, renderStarter(format, listSettingReferences()), { flag: 'wx' });
  } catch (cause) {
    throw usageError(`the file cannot be written: ${(cause as Error).message}`, [], { cause });
  }
  return path;
}
