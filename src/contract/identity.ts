/** The claims of a token, or what a session was created with. */
export type Claims = Readonly<Record<string, unknown>>;

/** Who a connection or request belongs to, once its credentials were verified. */
export interface Identity {
  readonly userId: string;
  readonly claims: Claims;
  readonly kind: 'jwt' | 'session' | 'custom';
  /** When the credentials are no longer good, in milliseconds since 1970, tolerance included; `undefined` for never. */
  readonly expiresAt: number | undefined;
  /** When they were issued, in milliseconds since 1970; 0 where a token does not say. */
  readonly issuedAt: number;
  /** The `jti` of a token, the hash of a session token: what a revocation names. */
  readonly credentialId: string | undefined;
  /** The `rooms` claim: the only rooms that may be joined, `*` as wildcard; `undefined` allows any. */
  readonly rooms: readonly string[] | undefined;
}

/** The words of a `scope` claim: separated by spaces (RFC 8693, section 4.2), or a list. */
export function scopesOf(claims: Claims): readonly string[] {
  const scope = claims['scope'];
  if (typeof scope === 'string') return scope.split(' ').filter(Boolean);
  return Array.isArray(scope) ? scope.filter((word): word is string => typeof word === 'string') : [];
}

export const isAdmin = (identity: Identity): boolean => scopesOf(identity.claims).includes('admin');
