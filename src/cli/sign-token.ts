import type { Algorithm } from 'jsonwebtoken';
import type { Claims } from '../contract/identity.ts';
import { requireSecret, type TokenSettings } from './token-settings.ts';

export interface NewToken {
  userId: string;
  expiresInMs: number;
  claims?: Claims;
}

/** Makes a token as the server of these settings accepts it. */
export async function signToken(settings: TokenSettings, request: NewToken): Promise<string> {
  const secret = requireSecret(settings);
  const [{ createVerificationKey }, { mintToken }] = await Promise.all([
    import('../auth/keys.ts'),
    import('../auth/mint.ts'),
  ]);
  const { key, algorithms } = createVerificationKey({ secret: secret.value, algorithms: settings.auth.algorithms });
  // A secret's algorithms are all of the HS family.
  const algorithm = (algorithms[0] ?? 'HS256') as Algorithm;
  const { issuer, audience } = settings.rules;
  return mintToken({ ...request, issuer, audience }, key, algorithm);
}

/** The claims of a token, unverified: for what we made ourselves, and for messages. */
export function peekClaims(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}
