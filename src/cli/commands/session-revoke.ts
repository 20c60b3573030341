import type { Command } from 'commander';
import { printable } from '../../contract/printable.ts';
import { asAdmin } from '../admin-session.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { addExamples, addJsonFlag, addServerFlags, type JsonFlag, type ServerFlags, toUserId } from '../flags.ts';
import { warnOfMissingNodes } from '../missing-nodes.ts';
import { plural } from '../output.ts';
import { readToken } from '../read-token.ts';

interface RevokeFlags extends ServerFlags, JsonFlag {
  user?: string;
}

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Revokes one session token (- reads it from stdin), or all of a user, and closes their connections. Tokens (JWTs) of the user stay.',
    )
    .argument('[token]', 'the session token, or - to read it from stdin')
    .option('--user <id>', 'whose sessions', toUserId);
  addJsonFlag(command, "print the server's answer");
  addServerFlags(command);
  addExamples(command, ['rtserver session revoke sess_…', 'rtserver session revoke --user 42']);
  command.action(async (token: string | undefined, flags: RevokeFlags) => {
    if ((token === undefined) === (flags.user === undefined))
      throw usageError('say which: either a TOKEN or --user ID');
    const which =
      token === undefined ? { userId: flags.user ?? '' } : { token: await readToken(context, token, 'to revoke') };
    const result = await asAdmin(context, flags, (client) => client.revokeSession(which));
    const { revoked, closed, missingNodes } = result;
    if (flags.json) context.output.json(result);
    else context.output.line(`revoked ${revoked}, closed ${plural(closed, 'connection')}`);
    warnOfMissingNodes(context.output, missingNodes);
    if (flags.user !== undefined) {
      context.output.note(
        `Tokens are no sessions, and stay: rtserver token revoke --user ${printable(flags.user)} revokes those, too.`,
      );
    }
    if (revoked === 0) context.output.note('There was nothing to revoke: unknown, expired or revoked before.');
    context.exitCode = EXIT.done;
  });
}
