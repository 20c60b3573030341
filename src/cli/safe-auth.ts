import { isLoopback } from '../contract/loopback.ts';
import { usageError } from './cli-error.ts';
import type { Configuration } from './configuration.ts';
import type { Context } from './context.ts';
import { type FoundSecret, makeDevSecret } from './secrets.ts';
import { isKeyElsewhere } from './token-settings.ts';

/** What HS256 asks for (RFC 7518, section 3.2). */
const SECRET_BYTES = 32;

/**
 * What tokens are verified with: what is configured, or on a loopback address a secret made for this folder. `undefined` where
 * a public key or a JWK Set does it.
 *
 * @throws CliError where anybody could reach a server whose secret nobody chose
 */
export function requireSafeAuth(
  { io, output }: Context,
  { settings, sourceOf }: Configuration,
): FoundSecret | undefined {
  const { secret } = settings.auth;
  if (secret !== undefined) {
    if (Buffer.byteLength(secret) < SECRET_BYTES) {
      output.problem(
        `warning: the secret has fewer than ${SECRET_BYTES} bytes and can be guessed; make one: openssl rand -base64 32`,
      );
    }
    return { value: secret, from: sourceOf('auth.secret') ?? 'the configuration' };
  }
  if (isKeyElsewhere(settings.auth)) return undefined;
  if (!isLoopback(settings.host)) {
    throw usageError(
      `will not listen on ${settings.host} without a secret: whoever reaches it could not be told from anybody else`,
      SET_A_SECRET,
    );
  }
  if (io.env['NODE_ENV'] === 'production') {
    throw usageError('will not make a secret by itself with NODE_ENV=production', SET_A_SECRET);
  }
  return makeDevSecret(io.cwd);
}

const SET_A_SECRET = [
  'Next: export RTSERVER_SECRET="$(openssl rand -base64 32)"',
  '(or pass --secret @FILE, or set auth.publicKey in a configuration file), and start again.',
];
