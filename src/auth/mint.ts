import { type KeyObject, randomUUID } from 'node:crypto';
import jwt, { type Algorithm } from 'jsonwebtoken';
import type { Claims } from '../contract/identity.ts';
import type { TokenAlgorithm } from './keys.ts';

/** What goes into a new token. */
export interface TokenRequest {
  userId: string;
  /** How long it lives, in milliseconds. */
  expiresInMs: number;
  claims?: Claims | undefined;
  issuer?: string | undefined;
  audience?: string | undefined;
}

/**
 * Signs a token. `iat` keeps its milliseconds (RFC 7519 allows fractions), so that a token minted right after all of a
 * user's were revoked can be told from the ones before.
 */
export function mintToken(request: TokenRequest, key: KeyObject, algorithm: TokenAlgorithm): string {
  const issuedAtSeconds = Date.now() / 1_000;
  return jwt.sign(
    {
      jti: randomUUID(),
      ...(request.issuer !== undefined && { iss: request.issuer }),
      ...(request.audience !== undefined && { aud: request.audience }),
      ...request.claims,
      sub: request.userId,
      iat: issuedAtSeconds,
      exp: Math.ceil(issuedAtSeconds + request.expiresInMs / 1_000),
    },
    key,
    // A secret's algorithm is always one of jsonwebtoken's.
    { algorithm: algorithm as Algorithm },
  );
}
