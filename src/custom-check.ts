import { isUserId, readRooms } from './auth/jwt.ts';
import { RtError } from './contract/errors.ts';
import type { Claims, Identity } from './contract/identity.ts';
import type { Authenticate, Handshake } from './core/handshake.ts';

/** Who an application's own check says a client is. */
export interface AuthenticatedUser {
  /** 1 to 128 characters. */
  userId: string;
  /** For `socket.data.user`. */
  claims?: Claims;
  /** When the connection is to end, in milliseconds since 1970. */
  expiresAt?: number;
  /** The only rooms that may be joined, `*` as wildcard. */
  rooms?: readonly string[];
}

/** An application's own check; throws to refuse. */
export type AuthenticateUser = (handshake: Handshake) => AuthenticatedUser | Promise<AuthenticatedUser>;

/**
 * Makes an application's check one of ours. What it returns is not trusted to have the right shape.
 *
 * @param readCheck asked each time: a reload may have replaced it by another
 * @param isRevoked may have become true while the check was under way
 */
export function wrapCustomCheck(
  readCheck: () => AuthenticateUser | undefined,
  isRevoked: (identity: Identity) => boolean,
): Authenticate {
  return async (handshake) => {
    const issuedAt = Date.now();
    const user = await readCheck()?.(handshake);
    if (user === undefined || !isUserId(user.userId))
      throw new TypeError('authenticate() must resolve to { userId }, 1 to 128 characters');
    const { userId, claims = {}, expiresAt, rooms } = user;
    if (expiresAt !== undefined && !Number.isFinite(expiresAt))
      throw new TypeError('authenticate(): expiresAt must be a number');
    const identity: Identity = {
      ...{ userId, claims, kind: 'custom', expiresAt, issuedAt },
      ...{ credentialId: undefined, rooms: readRooms(rooms) },
    };
    if (isRevoked(identity)) throw new RtError('TOKEN_REVOKED');
    return identity;
  };
}
