import type { AdminClient } from '../client/admin.ts';
import { RtError } from '../contract/errors.ts';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit-code.ts';
import type { ServerFlags } from './flags.ts';
import { findGivenToken, type GivenToken } from './given-token.ts';
import { locateServer, type ServerLocation } from './locate-server.ts';
import { signToken } from './sign-token.ts';
import { findTokenSettings, type TokenSettings } from './token-settings.ts';

/** Long enough for one request and its acknowledgements, and no longer. */
const ADMIN_TOKEN_MS = 120_000;

/** A token to use, and what to say when the server does not take it. */
export interface Credentials {
  token: () => string | Promise<string>;
  from: string;
  isOurs: boolean;
}

/** Runs a command's requests against the server that it means, as an administrator. */
export async function asAdmin<Result>(
  context: Context,
  flags: ServerFlags,
  run: (client: AdminClient) => Promise<Result>,
): Promise<Result> {
  const server = await locateServer(context, flags);
  const credentials = await findAdminCredentials(context, flags, server);
  context.output.detail(describeCredentials(credentials));
  const { createAdminClient } = await import('../client/admin.ts');
  const startedAt = performance.now();
  try {
    const result = await run(createAdminClient({ url: server.url, token: credentials.token }));
    context.output.detail(`done after ${Math.round(performance.now() - startedAt)} ms`);
    return result;
  } catch (error) {
    throw explainRefusal(error, server, credentials);
  }
}

/** @param lifetimeMs of a token that is made here */
export async function findAdminCredentials(
  context: Context,
  flags: ServerFlags,
  server: ServerLocation,
  lifetimeMs = ADMIN_TOKEN_MS,
): Promise<Credentials> {
  const given = findGivenToken(context, flags.token, flags.secret !== undefined);
  if (given !== undefined) return withGivenToken(given);
  const settings = await findTokenSettings(context, flags);
  await requireServerOrSecret(settings, server);
  return withOwnToken(settings, () =>
    signToken(settings, { userId: 'rtserver-cli', expiresInMs: lifetimeMs, claims: { scope: 'admin' } }),
  );
}

/** For `--verbose`. */
export function describeCredentials({ from, isOurs }: Credentials): string {
  return isOurs ? `token: made with the secret from ${from}` : `token: from ${from}`;
}

/** To come with a token that is there already. */
export function withGivenToken({ token, from }: GivenToken): Credentials {
  return { token: () => token, from, isOurs: false };
}

/** To come with a token that is made here, with the secret of these settings. */
export function withOwnToken({ secret }: TokenSettings, token: Credentials['token']): Credentials {
  return { token, from: secret?.from ?? '', isOurs: true };
}

/**
 * In a folder where nothing was ever started, a missing secret is not the trouble: a missing server is. So where there is no
 * secret, this asks first whether anybody is there.
 */
export async function requireServerOrSecret({ secret }: TokenSettings, { url }: ServerLocation): Promise<void> {
  if (secret !== undefined) return;
  const { request } = await import('../client/request.ts');
  try {
    await request({
      method: 'GET',
      url: new URL('healthz', url.replace(/\/*$/, '/')),
      token: 'none',
      timeoutMs: 5_000,
    });
  } catch (error) {
    if (error instanceof RtError && error.code === 'SERVER_UNREACHABLE') throw error;
  }
}

/** Adds to a refusal what only the command line knows: with which secret or token we came, and where to. */
export function explainRefusal(error: unknown, { url }: ServerLocation, { from, isOurs }: Credentials): unknown {
  if (!(error instanceof RtError) || error.code !== 'TOKEN_INVALID') return error;
  const reason = typeof error.detail['reason'] === 'string' ? ` (${error.detail['reason']})` : '';
  if (!isOurs) {
    const message = `${url} does not accept the token from ${from}${reason} (TOKEN_INVALID)`;
    return new CliError(EXIT.refused, message, 'Next: ask why with `rtserver token verify TOKEN`.', { cause: error });
  }
  return new CliError(
    EXIT.refused,
    `${url} does not accept a token signed with the secret from ${from}${reason} (TOKEN_INVALID)`,
    'Next: pass the secret that the server was started with: --secret @FILE or RTSERVER_SECRET; or an admin token: --token.',
    { cause: error },
  );
}
