import type { Command } from 'commander';
import { printable } from '../../contract/printable.ts';
import { asAdmin } from '../admin-session.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { addExamples, addJsonFlag, addServerFlags, type JsonFlag, type ServerFlags, toUserId } from '../flags.ts';
import { warnOfMissingNodes } from '../missing-nodes.ts';
import { plural } from '../output.ts';
import { peekClaims } from '../peek-claims.ts';
import { readToken } from '../read-token.ts';

interface RevokeFlags extends ServerFlags, JsonFlag {
  user?: string;
}

export function configure(command: Command, context: Context): void {
  command
    .argument('[token]', 'the token, or - to read it from stdin')
    .description(
      'Revokes one token (- reads it from stdin), or all of a user so far, and closes their connections. Sessions of the user stay.',
    )
    .option('--user <id>', 'whose tokens', toUserId);
  addJsonFlag(command, "print the server's answer");
  addServerFlags(command);
  addExamples(command, ['rtserver token revoke "$TOKEN"', 'rtserver token revoke --user 42']);
  command.action(async (token: string | undefined, flags: RevokeFlags) => {
    if ((token === undefined) === (flags.user === undefined))
      throw usageError('say which: either a TOKEN or --user ID');
    const which = token === undefined ? { userId: flags.user ?? '' } : await identify(context, token);
    const result = await asAdmin(context, flags, (client) => client.revokeToken(which));
    if (flags.json) context.output.json(result);
    else context.output.line(`revoked, closed ${plural(result.closed, 'connection')}`);
    warnOfMissingNodes(context.output, result.missingNodes);
    if (flags.user !== undefined) {
      context.output.note(
        `Sessions are no tokens, and stay: rtserver session revoke --user ${printable(flags.user)} ends those, too.`,
      );
    }
    context.exitCode = EXIT.done;
  });
}

/** The id by which the server knows a token, and until when it has to remember it. */
async function identify(context: Context, token: string): Promise<{ jti: string; expiresAt?: number }> {
  const text = await readToken(context, token, 'to revoke');
  if (text.startsWith('sess_')) throw usageError('that is a session token', 'Next: rtserver session revoke TOKEN');
  if (text.split('.').length !== 3) throw usageError('that is no token: a JWT has two dots');
  const { jti, sub, exp } = peekClaims(text);
  if (typeof jti !== 'string' || jti === '') {
    const user = typeof sub === 'string' ? printable(sub) : 'ID';
    throw usageError(
      'the token has no id (jti), by which one alone could be revoked',
      `Next: revoke all of its user: rtserver token revoke --user ${user}`,
    );
  }
  const expiresAt = Number(exp) * 1_000;
  return { jti, ...(expiresAt > Date.now() && { expiresAt }) };
}
