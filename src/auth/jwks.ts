import { setTimeout } from 'node:timers/promises';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { RtError } from '../contract/errors.ts';
import type { Identity } from '../contract/identity.ts';
import { type TokenRules, type TokenVerifier, toIdentity } from './jwt.ts';
import type { VerificationKey } from './keys.ts';

/** Of published keys: never HMAC, whose secret nobody publishes. */
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const REFRESH_EVERY_MS = 600_000;
const FETCH_TIMEOUT_MS = 5_000;
/** Between two fetches, failed ones too: forged tokens must not make a load on the key server. */
const COOLDOWN_MS = 2_000;

export function createEdDsaVerifier({ key }: VerificationKey, rules: TokenRules): TokenVerifier {
  return (token) => verify(token, async () => key, ['EdDSA', 'Ed25519'], rules);
}

/**
 * Verifies by the keys that a JWK Set URL publishes. They are kept for good and refreshed in the background every ten
 * minutes, and within two seconds for a key id that is not known yet: an outage of the key server stops nobody whose key was seen.
 */
export function createJwksVerifier(
  jwksUri: string,
  algorithms: readonly string[] = ASYMMETRIC,
  rules: TokenRules,
  onOutage: (error: unknown) => void,
): TokenVerifier {
  const strange = algorithms.find((algorithm) => !ASYMMETRIC.includes(algorithm));
  if (strange !== undefined || algorithms.length === 0) {
    const reason = `auth.algorithms ${strange ?? '(empty)'} does not fit auth.jwksUri, which allows ${ASYMMETRIC.join(', ')}`;
    throw new RtError('CONFIG_INVALID', { key: 'auth.algorithms', reason });
  }
  const jwks = createRemoteJWKSet(new URL(jwksUri), {
    // Never by itself: its pause between fetches does not hold while they fail.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
    timeoutDuration: FETCH_TIMEOUT_MS,
  });
  const inFlight = new Map<string, Promise<Identity>>();
  let askedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const pauseMs = askedAt + COOLDOWN_MS - performance.now();
    if (pauseMs > 0) await setTimeout(pauseMs);
    askedAt = performance.now();
    await jwks.reload();
  }

  /** Whoever comes while the next fetch waits for its turn, or is under way, shares it. */
  function refresh(): Promise<void> {
    refreshing ??= ask().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  function isKnown(kid: string | undefined): boolean {
    const keys = jwks.jwks()?.keys;
    return keys !== undefined && (kid === undefined || keys.some((key) => key?.kid === kid));
  }

  const getKey: JWTVerifyGetKey = async (header, input) => {
    if (!isKnown(header.kid)) await refresh();
    else if (performance.now() - askedAt > REFRESH_EVERY_MS) refresh().catch(onOutage);
    return jwks(header, input);
  };

  return (token) => {
    // Somebody who opens many connections at once brings the same token with each.
    const shared =
      inFlight.get(token) ?? verify(token, getKey, [...algorithms], rules).finally(() => inFlight.delete(token));
    inFlight.set(token, shared);
    return shared;
  };
}

async function verify(
  token: string,
  getKey: JWTVerifyGetKey,
  algorithms: string[],
  rules: TokenRules,
): Promise<Identity> {
  let claims: JWTPayload;
  try {
    const { payload } = await jwtVerify(token, getKey, {
      algorithms,
      clockTolerance: rules.clockToleranceSeconds,
      ...(rules.issuer !== undefined && { issuer: rules.issuer }),
      ...(rules.audience !== undefined && { audience: rules.audience }),
    });
    claims = payload;
  } catch (error) {
    throw toRefusal(error);
  }
  return toIdentity(claims, rules);
}

const REASON_OF_CLAIM: Readonly<Record<string, string>> = { iss: 'issuer', aud: 'audience', nbf: 'not active' };

function toRefusal(error: unknown): RtError {
  if (error instanceof errors.JWTExpired) {
    return new RtError('TOKEN_EXPIRED', { expiredAt: Number(error.payload.exp) * 1_000 });
  }
  if (error instanceof errors.JWTClaimValidationFailed) return invalid(REASON_OF_CLAIM[error.claim] ?? 'malformed');
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return invalid('algorithm');
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid('signature');
  if (error instanceof errors.JWKSNoMatchingKey) return invalid('signature');
  if (error instanceof errors.JWKSMultipleMatchingKeys) return invalid('signature');
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return invalid('malformed');
  return new RtError('KEYS_UNAVAILABLE', {}, { cause: error });
}

const invalid = (reason: string) => new RtError('TOKEN_INVALID', { reason });
