import type { Command } from 'commander';
import { didYouMean } from '../../contract/did-you-mean.ts';
import { scopesOf } from '../../contract/identity.ts';
import { formatDuration } from '../../contract/units.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import {
  addExamples,
  addJsonFlag,
  addSecretFlags,
  durationOption,
  each,
  type JsonFlag,
  type ServerFlags,
  toName,
  toUserId,
} from '../flags.ts';
import { parseClaims } from '../parse-claims.ts';
import { peekClaims } from '../peek-claims.ts';
import { signToken } from '../sign-token.ts';
import { findTokenSettings } from '../token-settings.ts';

/** Nobody connects within it. */
const LEAST_USEFUL_MS = 1_000;

interface TokenFlags extends Pick<ServerFlags, 'secret' | 'config'>, JsonFlag {
  user?: string;
  expiresIn: number;
  claims?: string;
  room?: string[];
  admin?: true;
}

const HOUR_MS = 3_600_000;
/** Said by flags, or by the clock. */
const OWN_CLAIMS = { sub: '--user', exp: '--expires-in', iat: 'the clock' } as const;

export function configure(command: Command, context: Context): void {
  command
    .description('Prints a token (JWT) and nothing else. The user is the `sub` of the token.')
    .usage('--user ID [options]')
    .argument('[unexpected...]')
    .enablePositionalOptions()
    .option('--user <id>', 'whose token', toUserId)
    .addOption(durationOption('--expires-in <duration>', 'how long it lives', HOUR_MS))
    .option('--claims <json>', 'further claims, as a JSON object')
    .option(
      '--room <pattern>',
      'a room that the user may join, * as wildcard, and no other; may be repeated',
      each(toName),
    )
    .option('--admin', 'give it the scope "admin": for the HTTP API and the commands');
  addJsonFlag(command, 'print { token, userId, expiresAt }');
  addSecretFlags(command);
  addExamples(command, [
    'rtserver token --user 42',
    'rtserver token --user 42 --expires-in 8h --room "protocol:*"',
    'rtserver token --user ops --admin --json',
    'rtserver token verify "$TOKEN"',
    'rtserver token revoke "$TOKEN"',
  ]);
  command.action(async ([unexpected]: string[], flags: TokenFlags) => {
    if (unexpected !== undefined) {
      const hint = didYouMean(unexpected, ['verify', 'revoke']) || ' The user is a flag: --user ID.';
      // Somebody forgot the word `verify`: a token is nothing to repeat.
      if (unexpected.startsWith('ey')) throw usageError('to look at a token, say so: rtserver token verify TOKEN');
      throw usageError(`token does not take "${unexpected}".${hint}`, 'Try: rtserver token --help');
    }
    context.exitCode = await printToken(context, flags);
  });
}

async function printToken(context: Context, flags: TokenFlags): Promise<ExitCode> {
  const { user: userId, expiresIn: expiresInMs } = flags;
  if (userId === undefined) throw usageError('say whose token: --user ID', 'Next: rtserver token --user 42');
  const claims = collectClaims(flags);
  const token = await signToken(await findTokenSettings(context, flags), { userId, expiresInMs, claims });
  if (expiresInMs < LEAST_USEFUL_MS) {
    const lifetime = formatDuration(expiresInMs);
    context.output.problem(
      `warning: the token expires after ${lifetime}: a number without a unit is milliseconds; write 60s, 5m or 1h`,
    );
  }
  if (flags.json) context.output.json({ token, userId, expiresAt: Number(peekClaims(token)['exp']) * 1_000 });
  else context.output.line(token);
  return EXIT.done;
}

function collectClaims({ claims: text, room, admin }: TokenFlags): Record<string, unknown> {
  const claims = parseClaims(text);
  for (const [name, by] of Object.entries(OWN_CLAIMS)) {
    if (Object.hasOwn(claims, name)) throw usageError(`--claims must not hold "${name}": it is set by ${by}`);
  }
  if (room !== undefined && Object.hasOwn(claims, 'rooms')) {
    throw usageError('--room and "rooms" in --claims say the same thing: keep one of them');
  }
  return {
    ...claims,
    ...(room !== undefined && { rooms: room }),
    ...(admin && { scope: [...new Set([...scopesOf(claims), 'admin'])].join(' ') }),
  };
}
