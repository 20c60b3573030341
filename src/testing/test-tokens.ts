import { createVerificationKey } from '../auth/keys.ts';
import { mintToken } from '../auth/mint.ts';
import type { Settings } from '../settings-schema.ts';

export interface TestTokenOptions {
  claims?: Record<string, unknown>;
  /** Default one hour; negative for a token that has expired. */
  expiresInMs?: number;
}

const HOUR_MS = 3_600_000;

/** Signs tokens as a server with these settings takes them. */
export function createTokenMaker(
  auth: Settings['auth'] & { secret: string },
): (userId: string, options?: TestTokenOptions) => string {
  const { secret, algorithms, issuer, audience } = auth;
  const { key, algorithms: fitting } = createVerificationKey({ secret, algorithms });
  return (userId, { claims, expiresInMs = HOUR_MS } = {}) =>
    mintToken({ userId, expiresInMs, claims, issuer, audience }, key, fitting[0] ?? 'HS256');
}
