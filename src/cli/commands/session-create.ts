import type { Command } from 'commander';
import { printable } from '../../contract/printable.ts';
import { asAdmin } from '../admin-session.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import {
  addExamples,
  addJsonFlag,
  addServerFlags,
  durationOption,
  type JsonFlag,
  type ServerFlags,
  toUserId,
} from '../flags.ts';
import { parseClaims } from '../parse-claims.ts';

const HOUR_MS = 3_600_000;

interface CreateFlags extends ServerFlags, JsonFlag {
  user?: string;
  expiresIn: number;
  claims?: string;
}

export function configure(command: Command, context: Context): void {
  command
    .description('Prints a new session token and nothing else.')
    .option('--user <id>', 'whose session', toUserId)
    .addOption(durationOption('--expires-in <duration>', 'how long it lives', HOUR_MS))
    .option('--claims <json>', 'what the server shall know about the user, as a JSON object');
  addJsonFlag(command, 'print { token, expiresAt }');
  addServerFlags(command);
  addExamples(command, [
    'rtserver session create --user 42 --expires-in 8h',
    'rtserver session create --user 42 --json',
  ]);
  command.action(async (flags: CreateFlags) => {
    if (flags.user === undefined) throw usageError('say whose session: --user ID');
    const session = { userId: flags.user, ttlSeconds: flags.expiresIn / 1_000, claims: parseClaims(flags.claims) };
    const created = await asAdmin(context, flags, (client) => client.createSession(session));
    if (flags.json) context.output.json(created);
    else context.output.line(printable(created.token));
    context.exitCode = EXIT.done;
  });
}
