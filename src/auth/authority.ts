import { RtError } from '../contract/errors.ts';
import { type Identity, isAdmin } from '../contract/identity.ts';
import { type Credentials, classifyToken, findCredentials, type HandshakeSource, readBearer } from './credentials.ts';
import type { TokenVerifier } from './jwt.ts';
import { createRevocations, type Revocations } from './revocations.ts';
import { createSessions, type Sessions } from './sessions.ts';
import type { StateStore } from './state.ts';

/** Who somebody is, for sockets and for HTTP alike. Every failure is an `RtError` with the code of the refusal. */
export interface Authority {
  readonly sessions: Sessions;
  readonly revocations: Revocations;
  /** Who a handshake belongs to. */
  authenticate(handshake: HandshakeSource): Identity | Promise<Identity>;
  /** Who a token belongs to, whichever kind it is. */
  verify(token: unknown): Identity | Promise<Identity>;
  /** Who a handshake belongs to; it must be an administrator. */
  authenticateAdmin(handshake: HandshakeSource): Promise<Identity>;
  /** The same of an HTTP request. */
  authorizeAdmin(headers: HandshakeSource['headers']): Promise<Identity>;
}

/**
 * @param verifyJwt `undefined` where the application has a check of its own: then only session tokens are known here
 */
export function createAuthority(verifyJwt: TokenVerifier | undefined, store: StateStore): Authority {
  const sessions = createSessions(store);
  const revocations = createRevocations(store);

  function identify(credentials: Credentials): Identity | Promise<Identity> {
    if (store.isRead?.() === false)
      throw new RtError('STORE_UNAVAILABLE', { reason: 'what is revoked is not known yet' });
    if (credentials.kind === 'session') return sessions.find(credentials.token);
    if (verifyJwt === undefined) throw new RtError('TOKEN_INVALID', { reason: 'signature' });
    const identity = verifyJwt(credentials.token);
    return identity instanceof Promise ? identity.then(requireUnrevoked) : requireUnrevoked(identity);
  }

  function requireUnrevoked(identity: Identity): Identity {
    if (revocations.isRevoked(identity)) throw new RtError('TOKEN_REVOKED');
    return identity;
  }

  return {
    sessions,
    revocations,
    authenticate: (handshake) => identify(findCredentials(handshake)),
    verify: (token) => identify(classifyToken(token)),
    authenticateAdmin: async (handshake) => requireAdmin(await identify(findCredentials(handshake))),
    authorizeAdmin: async (headers) => requireAdmin(await identify(classifyToken(readBearer(headers)))),
  };
}

function requireAdmin(identity: Identity): Identity {
  if (!isAdmin(identity)) throw new RtError('FORBIDDEN', { reason: 'the token has no scope "admin"' });
  return identity;
}
