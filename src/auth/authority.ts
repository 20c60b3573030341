import { RtError } from '../contract/errors.ts';
import { type Identity, isAdmin } from '../contract/identity.ts';
import { type Credentials, classifyToken, findCredentials, type HandshakeSource, readBearer } from './credentials.ts';
import type { TokenRules } from './jwt.ts';
import { verifyToken } from './jwt.ts';
import type { VerificationKey } from './keys.ts';
import { createRevocations, type Revocations } from './revocations.ts';
import { createSessions, type Sessions } from './sessions.ts';
import type { StateStore } from './state.ts';

/** Who somebody is, for sockets and for HTTP alike. Every failure is an `RtError` with the code of the refusal. */
export interface Authority {
  readonly sessions: Sessions;
  readonly revocations: Revocations;
  /** Who a handshake belongs to. */
  authenticate(handshake: HandshakeSource): Identity;
  /** Who a token belongs to, whichever kind it is. */
  verify(token: unknown): Identity;
  /** Who an HTTP request belongs to; it must be an administrator. */
  authorizeAdmin(headers: HandshakeSource['headers']): Identity;
}

/**
 * @param key `undefined` where the application has a check of its own: then only session tokens are known here
 */
export function createAuthority(key: VerificationKey | undefined, rules: TokenRules, store: StateStore): Authority {
  const sessions = createSessions(store);
  const revocations = createRevocations(store);

  function identify(credentials: Credentials): Identity {
    if (credentials.kind === 'session') return sessions.find(credentials.token);
    if (key === undefined) throw new RtError('TOKEN_INVALID', { reason: 'signature' });
    const identity = verifyToken(credentials.token, key, rules);
    if (revocations.isRevoked(identity)) throw new RtError('TOKEN_REVOKED');
    return identity;
  }

  return {
    sessions,
    revocations,
    authenticate: (handshake) => identify(findCredentials(handshake)),
    verify: (token) => identify(classifyToken(token)),
    authorizeAdmin(headers) {
      const token = readBearer(headers);
      const identity = identify(classifyToken(token));
      if (!isAdmin(identity)) throw new RtError('FORBIDDEN', { reason: 'the token has no scope "admin"' });
      return identity;
    },
  };
}
