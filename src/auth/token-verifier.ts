import { RtError } from '../contract/errors.ts';
import type { Identity } from '../contract/identity.ts';
import { type TokenRules, type TokenVerifier, verifyToken } from './jwt.ts';
import { createVerificationKey, type KeySource, type VerificationKey } from './keys.ts';
import { rememberVerified } from './remember-verified.ts';

export interface TokenSource extends KeySource {
  /** Tokens signed with it stay good while a secret is being replaced. */
  previousSecret?: string | undefined;
  /** Where a JWK Set is published. */
  jwksUri?: string | undefined;
}

/**
 * Prepares verification by secret, public key or JWK Set. Where jsonwebtoken can do it, it is synchronous; jose is loaded
 * for the rest.
 *
 * @param onOutage told when a JWK Set could not be fetched again; the keys known until then stay good
 * @throws RtError `CONFIG_INVALID`
 */
export async function createTokenVerifier(
  source: TokenSource,
  rules: TokenRules,
  onOutage: (error: unknown) => void,
): Promise<TokenVerifier> {
  if (source.jwksUri !== undefined) {
    const { createJwksVerifier } = await import('./jwks.ts');
    return createJwksVerifier(source.jwksUri, source.algorithms, rules, onOutage);
  }
  const key = createVerificationKey(source);
  if (key.algorithms.includes('EdDSA')) {
    const { createEdDsaVerifier } = await import('./jwks.ts');
    return createEdDsaVerifier(key, rules);
  }
  if (source.previousSecret === undefined) return rememberVerified((token) => verifyToken(token, key, rules));
  const previous = createVerificationKey({ ...source, secret: source.previousSecret });
  return rememberVerified((token) => verifyWithEither(token, key, previous, rules));
}

function verifyWithEither(token: string, key: VerificationKey, previous: VerificationKey, rules: TokenRules): Identity {
  try {
    return verifyToken(token, key, rules);
  } catch (error) {
    if (error instanceof RtError && error.detail['reason'] === 'signature') return verifyToken(token, previous, rules);
    throw error;
  }
}
