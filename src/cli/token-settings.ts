import type { TokenRules } from '../auth/jwt.ts';
import type { TokenSource } from '../auth/token-verifier.ts';
import { usageError } from './cli-error.ts';
import { findConfigFile } from './config-file.ts';
import type { Context } from './context.ts';
import { namesOfSettings, SECRET_NAME } from './environment.ts';
import type { ServerFlags } from './flags.ts';
import { type FoundSecret, findDevSecret, readSecret } from './secrets.ts';

/** What making and verifying tokens takes, as the server of this configuration has it. */
export interface TokenSettings {
  secret: FoundSecret | undefined;
  /** How the server verifies; for what a secret does not. */
  auth: Omit<TokenSource, 'secret'>;
  rules: TokenRules;
  /** The Socket.IO path, where a configuration says it. */
  path: string | undefined;
}

/** `--secret`, RTSERVER_SECRET, the configuration file, then the secret that `start` made in this folder. */
export async function findTokenSettings(
  context: Context,
  { secret, config }: Pick<ServerFlags, 'secret' | 'config'>,
): Promise<TokenSettings> {
  const { io } = context;
  // Checking a configuration takes as long as all the rest of a short command, so only where there is one.
  const isConfigured = namesOfSettings(io.env).length > 0 || findConfigFile(io, config) !== undefined;
  return isConfigured ? fromConfiguration(context, secret, config) : fromSecretAlone(context, secret);
}

function fromSecretAlone({ io }: Context, flag: string | undefined): TokenSettings {
  const said = flag ?? (io.env[SECRET_NAME] || undefined);
  const secret =
    said === undefined
      ? findDevSecret(io.cwd)
      : readSecret(said, flag === undefined ? SECRET_NAME : '--secret', io.cwd, io.env);
  return { secret, auth: {}, rules: { clockToleranceSeconds: 0 }, path: undefined };
}

async function fromConfiguration(
  context: Context,
  secret: string | undefined,
  config: string | undefined,
): Promise<TokenSettings> {
  const { resolveConfiguration } = await import('./settings.ts');
  const flags = [{ key: 'auth.secret', flag: '--secret', value: secret }];
  const { settings, sourceOf } = await resolveConfiguration(context, { config, flags });
  const { secret: said, ...auth } = settings.auth;
  const isKeyElsewhere = auth.publicKey !== undefined || auth.jwksUri !== undefined;
  return {
    secret:
      said === undefined
        ? isKeyElsewhere
          ? undefined
          : findDevSecret(context.io.cwd)
        : { value: said, from: sourceOf('auth.secret') ?? '' },
    auth,
    rules: auth,
    path: sourceOf('path') === undefined ? undefined : settings.path,
  };
}

/** The secret to sign with, or why there is none and what to do. */
export function requireSecret({ secret, auth }: TokenSettings): FoundSecret {
  if (secret !== undefined) return secret;
  if (auth.publicKey !== undefined || auth.jwksUri !== undefined) {
    const how = auth.publicKey !== undefined ? 'a public key' : 'the keys of a JWK Set';
    throw usageError(
      `no token can be made here: the server verifies with ${how}, and only the holder of the private key signs`,
      'Next: get a token from there, and pass it with --token or RTSERVER_TOKEN.',
    );
  }
  throw usageError(
    'no secret to sign a token with: not in --secret, RTSERVER_SECRET, a configuration file or .rtserver/secret',
    'Next: `rtserver start` in this folder makes one for development; else pass --secret, or --token.',
  );
}
