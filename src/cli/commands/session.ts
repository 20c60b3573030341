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
  type JsonFlag,
  type ServerFlags,
  toDurationMs,
  toUserId,
} from '../flags.ts';
import { warnOfMissingNodes } from '../missing-nodes.ts';
import { parseClaims } from '../parse-claims.ts';
import { readInput } from '../read-input.ts';

const HOUR_MS = 3_600_000;

interface CreateFlags extends ServerFlags, JsonFlag {
  user?: string;
  expiresIn: number;
  claims?: string;
}

interface RevokeFlags extends ServerFlags, JsonFlag {
  user?: string;
}

export function configure(command: Command, context: Context): void {
  command
    .description('Opaque session tokens: the running server keeps them, so they can be revoked.')
    .enablePositionalOptions()
    .helpCommand(false);
  configureCreate(command.command('create'), context);
  configureRevoke(command.command('revoke'), context);
  addExamples(command, ['rtserver session create --user 42', 'rtserver session revoke --user 42']);
}

function configureCreate(command: Command, context: Context): void {
  command
    .summary('print a new session token and nothing else')
    .showHelpAfterError('Try: rtserver session create --help')
    .description('Prints a new session token and nothing else.')
    .option('--user <id>', 'whose session', toUserId)
    .addOption(
      command
        .createOption('--expires-in <duration>', 'how long it lives')
        .argParser(toDurationMs)
        .default(HOUR_MS, '1h'),
    )
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

function configureRevoke(command: Command, context: Context): void {
  command
    .summary('revoke one session token, or all of a user')
    .showHelpAfterError('Try: rtserver session revoke --help')
    .description('Revokes one session token (- reads it from stdin), or all of a user, and closes their connections.')
    .argument('[token]', 'the session token, or -')
    .option('--user <id>', 'whose sessions', toUserId);
  addJsonFlag(command, "print the server's answer");
  addServerFlags(command);
  addExamples(command, ['rtserver session revoke sess_…', 'rtserver session revoke --user 42']);
  command.action(async (token: string | undefined, flags: RevokeFlags) => {
    if ((token === undefined) === (flags.user === undefined))
      throw usageError('say which: either a TOKEN or --user ID');
    const text = token === '-' ? (await readInput(context, '-')).trim() : token;
    if (text === '') throw usageError('there is no token to revoke: it is empty');
    const which = text === undefined ? { userId: flags.user ?? '' } : { token: text };
    const result = await asAdmin(context, flags, (client) => client.revokeSession(which));
    const { revoked, closed, missingNodes } = result;
    if (flags.json) context.output.json(result);
    else context.output.line(`revoked ${revoked}, closed ${closed} connections`);
    warnOfMissingNodes(context.output, missingNodes);
    if (revoked === 0) context.output.note('There was nothing to revoke: unknown, expired or revoked before.');
    context.exitCode = EXIT.done;
  });
}
