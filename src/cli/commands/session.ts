import type { Command } from 'commander';
import { addExamples } from '../flags.ts';

export function configure(command: Command): void {
  command
    .description('Opaque session tokens: the running server keeps them, so they can be revoked.')
    .enablePositionalOptions();
  addExamples(command, ['rtserver session create --user 42', 'rtserver session revoke --user 42']);
}
