import type { Command } from 'commander';
import { ERRORS, RtError } from '../../contract/errors.ts';
import { type Identity, scopesOf } from '../../contract/identity.ts';
import { printable } from '../../contract/printable.ts';
import { formatRoughly } from '../../contract/units.ts';
import { CliError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { addExamples, addJsonFlag, addSecretFlags, type JsonFlag, type ServerFlags } from '../flags.ts';
import { readToken } from '../read-token.ts';
import { readServerFile } from '../runtime-folder.ts';
import { findTokenSettings, isKeyElsewhere, requireSecret, type TokenSettings } from '../token-settings.ts';

const ASK_MS = 3_000;

type VerifyFlags = Pick<ServerFlags, 'secret' | 'config'> & JsonFlag;

export function configure(command: Command, context: Context): void {
  command
    .argument('<token>', 'the token, or - to read it from stdin')
    .description(
      "Says by the server's own rules whether it would accept a token, and why not (exit 4). Whether it was revoked, only a running server knows: without --secret and --config the one of this folder is asked.",
    );
  addJsonFlag(command, 'print { valid, userId, expiresAt, claims } or { valid, code, message, reason? }');
  addSecretFlags(command);
  addExamples(command, ['rtserver token verify "$TOKEN"', 'rtserver token --user 42 | rtserver token verify -']);
  command.action(async (token: string, flags: VerifyFlags) => {
    context.exitCode = await verify(context, await readToken(context, token, 'to verify'), flags);
  });
}

async function verify(context: Context, token: string, flags: VerifyFlags): Promise<ExitCode> {
  if (token.startsWith('sess_')) {
    throw new CliError(EXIT.refused, 'a session token is known to the running server only', [
      'Next: try it with `rtserver join --token TOKEN`.',
    ]);
  }
  const settings = await findTokenSettings(context, flags);
  const { output } = context;
  try {
    const identity = await check(token, settings);
    // A token for another server is not shown to this one.
    const isOfThisFolder = flags.secret === undefined && flags.config === undefined;
    const doubt = isOfThisFolder ? await findRevocation(context, token) : 'only the server that it is for knows';
    if (flags.json) output.json(toJson(identity));
    else output.line(describe(identity));
    if (doubt !== undefined) output.note(`It may have been revoked: ${doubt}.`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof RtError) || error.code === 'CONFIG_INVALID') throw error;
    const { code, message, detail } = error;
    if (flags.json) output.json({ valid: false, code, message: ERRORS[code].message, ...detail });
    else output.line(`invalid: ${message}${describeExpiry(detail['expiredAt'])} (${code})`);
    if (detail['reason'] === 'signature' && settings.secret !== undefined) {
      output.note(`Verified with the secret from ${settings.secret.from}.`);
    }
    return EXIT.refused;
  }
}

async function check(token: string, settings: TokenSettings): Promise<Identity> {
  const { auth, rules } = settings;
  const { createTokenVerifier } = await import('../../auth/token-verifier.ts');
  const source = isKeyElsewhere(auth) ? auth : { ...auth, secret: requireSecret(settings).value };
  const verifyToken = await createTokenVerifier(source, rules, () => undefined);
  return verifyToken(token);
}

/**
 * Asks the server of this folder, whose answer to any request tells a token that was revoked from one that may less.
 *
 * @returns why nothing is known about it
 * @throws RtError `TOKEN_REVOKED`
 */
async function findRevocation({ io }: Context, token: string): Promise<string | undefined> {
  const server = readServerFile(io.cwd);
  if (server === undefined) return 'no server runs in this folder that could be asked';
  const { createAdminClient } = await import('../../client/admin.ts');
  try {
    await createAdminClient({ url: server.url, token, timeoutMs: ASK_MS }).stats();
  } catch (error) {
    if (!(error instanceof RtError) || error.code === 'TOKEN_REVOKED') throw error;
    if (error.code !== 'FORBIDDEN') return `${server.url} was asked, and answered: ${error.message} (${error.code})`;
  }
  return undefined;
}

function toJson({ userId, expiresAt, claims }: Identity): object {
  return { valid: true, userId, expiresAt: expiresAt ?? null, claims };
}

function describe({ userId, expiresAt, claims, rooms }: Identity): string {
  const scopes = scopesOf(claims);
  const parts = [
    `valid: user ${userId}`,
    expiresAt === undefined
      ? 'never expires'
      : `expires ${toIso(expiresAt)} (in ${formatRoughly(expiresAt - Date.now())})`,
    ...(scopes.length > 0 ? [`scope ${scopes.join(' ')}`] : []),
    ...(rooms === undefined ? [] : [`rooms ${rooms.join(' ') || 'none'}`]),
  ];
  return printable(parts.join(', '));
}

const describeExpiry = (at: unknown) => (typeof at === 'number' ? ` at ${toIso(at)}` : '');

/** A token may hold a time that no calendar has. */
function toIso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms after 1970` : date.toISOString();
}
