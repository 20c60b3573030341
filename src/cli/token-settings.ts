import type { TokenRules } from '../auth/jwt.ts';
import type { TokenSource } from '../auth/token-verifier.ts';
import { usageError } from './cli-error.ts';
import type { Configuration } from './configuration.ts';
import type { Context } from './context.ts';
import { SECRET_NAME } from './environment.ts';
import { findConfiguration } from './find-configuration.ts';
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

/** Are tokens verified with a key whose private half somebody else has? Then none can be made here. */
export const isKeyElsewhere = ({ publicKey, jwksUri }: TokenSettings['auth']): boolean =>
  publicKey !== undefined || jwksUri !== undefined;

/** `--secret`, RTSERVER_SECRET, the configuration file, then the secret that `start` made in this folder. */
export async function findTokenSettings(
  context: Context,
  flags: Pick<ServerFlags, 'secret' | 'config'>,
): Promise<TokenSettings> {
  const configuration = await findConfiguration(context, flags);
  return configuration === undefined
    ? fromSecretAlone(context, flags.secret)
    : fromConfiguration(context, configuration);
}

function fromSecretAlone({ io }: Context, flag: string | undefined): TokenSettings {
  const said = flag ?? (io.env[SECRET_NAME] || undefined);
  const secret =
    said === undefined
      ? findDevSecret(io.cwd)
      : readSecret(said, flag === undefined ? SECRET_NAME : '--secret', io.cwd, io.env);
  return { secret, auth: {}, rules: { clockToleranceSeconds: 0 }, path: undefined };
}

function fromConfiguration({ io }: Context, { settings, sourceOf }: Configuration): TokenSettings {
  const { secret: said, ...auth } = settings.auth;
  return {
    secret:
      said === undefined
        ? isKeyElsewhere(auth)
          ? undefined
          : findDevSecret(io.cwd)
        : { value: said, from: sourceOf('auth.secret') ?? '' },
    auth,
    rules: auth,
    path: sourceOf('path') === undefined ? undefined : settings.path,
  };
}

/** The secret to sign with, or why there is none and what to do. */
export function requireSecret({ secret, auth }: TokenSettings): FoundSecret {
  if (secret !== undefined) return secret;
  if (isKeyElsewhere(auth)) {
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
