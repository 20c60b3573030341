import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { addExamples, oneOf } from '../flags.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type ShellName = (typeof SHELLS)[number];

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Prints what makes a shell complete the commands and flags of rtserver, for its start-up file. It completes the word rtserver, not npx rtserver: install it for all folders (npm install --global rtserver), or let a function of that name run npx.',
    )
    .argument('<shell>', SHELLS.join(', '), oneOf(SHELLS));
  addExamples(command, [
    'rtserver completion bash >> ~/.bashrc',
    `npx rtserver completion bash >> ~/.bashrc; echo 'rtserver() { npx rtserver "$@"; }' >> ~/.bashrc`,
    'rtserver completion zsh >> ~/.zshrc',
    'rtserver completion fish > ~/.config/fish/completions/rtserver.fish',
  ]);
  command.action(async (shell: ShellName) => {
    const [{ describeWords }, { renderCompletion }] = await Promise.all([
      import('../completion-words.ts'),
      import('../completion-scripts.ts'),
    ]);
    context.output.line(renderCompletion(shell, describeWords(await context.loadProgram())));
    context.exitCode = EXIT.done;
  });
}
