import type { Identity } from '../contract/identity.ts';
import { copyClaims } from './copy-claims.ts';

/** The one that was verified longest ago makes room for a new one. */
const TOKENS_MAX = 1_000;

/**
 * Spares the signature of a token that was verified before and has not run out: that of a client that comes back, of another
 * window of the same user, of a back end that emits by HTTP. Only for keys that stay the same. What may change meanwhile,
 * revocations above all, is the caller's to check each time.
 *
 * @param now milliseconds since 1970
 */
export function rememberVerified(
  verify: (token: string) => Identity,
  now: () => number = Date.now,
): (token: string) => Identity {
  const verified = new Map<string, Identity>();

  return (token) => {
    const known = verified.get(token);
    if (known !== undefined) {
      if (known.expiresAt === undefined || known.expiresAt > now()) return copyOf(known);
      verified.delete(token);
    }
    const identity = verify(token);
    if (verified.size >= TOKENS_MAX) {
      for (const oldest of verified.keys()) {
        verified.delete(oldest);
        break;
      }
    }
    verified.set(token, copyOf(identity));
    return identity;
  };
}

const copyOf = (identity: Identity): Identity => ({ ...identity, claims: copyClaims(identity.claims) });
