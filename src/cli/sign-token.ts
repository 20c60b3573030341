import type { Algorithm } from 'jsonwebtoken';
import type { Claims } from '../contract/identity.ts';
import { requireSecret, type TokenSettings } from './token-settings.ts';

/** Long enough for a terminal that is left open over a working day. */
export const TERMINAL_TOKEN_MS = 24 * 3_600_000;

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
