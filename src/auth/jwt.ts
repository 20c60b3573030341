import jwt, { type Algorithm, type JwtPayload } from 'jsonwebtoken';
import { RtError } from '../contract/errors.ts';
import type { Claims, Identity } from '../contract/identity.ts';
import type { VerificationKey } from './keys.ts';

/** Further rules of a token beside its signature. */
export interface TokenRules {
  issuer?: string | undefined;
  audience?: string | undefined;
  clockToleranceSeconds: number;
}

/** Says who a JWT belongs to. @throws RtError with the code of the refusal */
export type TokenVerifier = (token: string) => Identity | Promise<Identity>;

const USER_ID_MAX_CHARACTERS = 128;

/** What jsonwebtoken says, and the `reason` that the contract gives it. Its errors carry no codes, so this is by text. */
const REASONS: readonly (readonly [prefix: string, reason: string])[] = [
  ['jwt issuer invalid', 'issuer'],
  ['jwt audience invalid', 'audience'],
  ['invalid algorithm', 'algorithm'],
  ['invalid signature', 'signature'],
  ['jwt signature is required', 'signature'],
];

/**
 * Verifies a token and reads who it belongs to.
 *
 * @throws RtError `TOKEN_INVALID` with `reason`, or `TOKEN_EXPIRED` with `expiredAt` (milliseconds since 1970)
 */
export function verifyToken(token: string, { key, algorithms }: VerificationKey, rules: TokenRules): Identity {
  const header = readHeader(token);
  if (header === undefined) throw invalid('malformed');
  // Before the signature: a token that says `none`, or HS256 to a public key, is refused for what it says.
  if (!algorithms.includes(header.alg as (typeof algorithms)[number])) throw invalid('algorithm');
  return toIdentity(verifyClaims(token, { key, algorithms }, rules), rules);
}

/** `undefined` for what is no JWT; jsonwebtoken returns null for some of it and throws for the rest. */
function readHeader(token: string): { alg: string } | undefined {
  try {
    return jwt.decode(token, { complete: true })?.header;
  } catch {
    return undefined;
  }
}

function verifyClaims(token: string, { key, algorithms }: VerificationKey, rules: TokenRules): JwtPayload {
  try {
    const claims = jwt.verify(token, key, {
      algorithms: algorithms as Algorithm[],
      clockTolerance: rules.clockToleranceSeconds,
      ...(rules.issuer !== undefined && { issuer: rules.issuer }),
      ...(rules.audience !== undefined && { audience: rules.audience }),
    });
    if (typeof claims === 'string') throw invalid('malformed');
    return claims;
  } catch (error) {
    if (error instanceof RtError) throw error;
    if (error instanceof jwt.TokenExpiredError) {
      throw new RtError('TOKEN_EXPIRED', { expiredAt: error.expiredAt.getTime() });
    }
    if (error instanceof jwt.NotBeforeError) throw invalid('not active');
    const text = error instanceof Error ? error.message : '';
    throw invalid(REASONS.find(([prefix]) => text.startsWith(prefix))?.[1] ?? 'malformed');
  }
}

/** Reads who verified claims belong to. @throws RtError `TOKEN_INVALID`, reason `subject` */
export function toIdentity(claims: object, { clockToleranceSeconds }: TokenRules): Identity {
  const { sub, exp, iat, jti, rooms } = claims as Claims;
  if (!isUserId(sub)) throw invalid('subject');
  return {
    userId: sub,
    claims: claims as Claims,
    kind: 'jwt',
    expiresAt: typeof exp === 'number' ? (exp + clockToleranceSeconds) * 1_000 : undefined,
    issuedAt: typeof iat === 'number' ? iat * 1_000 : 0,
    credentialId: typeof jti === 'string' ? jti : undefined,
    rooms: readRooms(rooms),
  };
}

export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= USER_ID_MAX_CHARACTERS;
}

/** A claim of another shape allows nothing: a mistake in a token must not open every room. */
export function readRooms(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return undefined;
  const list: unknown[] = Array.isArray(claim) ? claim : [claim];
  return list.filter((pattern): pattern is string => typeof pattern === 'string');
}

const invalid = (reason: string) => new RtError('TOKEN_INVALID', { reason });
