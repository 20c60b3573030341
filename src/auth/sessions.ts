import { createHash, randomBytes } from 'node:crypto';
import { RtError } from '../contract/errors.ts';
import type { Claims, Identity } from '../contract/identity.ts';
import { copyClaims } from './copy-claims.ts';
import { readRooms } from './jwt.ts';
import type { Elsewhere, EntryName, StateStore } from './state.ts';

/** Opaque tokens that the server itself hands out and knows again. */
export interface Sessions {
  /** Resolves when the session is kept: the token survives a crash from then on. */
  create(userId: string, ttlMs: number, claims: Claims): Promise<{ token: string; expiresAt: number }>;
  /** @throws RtError `SESSION_INVALID` */
  find(token: string): Identity;
  /** Was this identity opened by a session that has been revoked? */
  isRevoked(identity: Identity): boolean;
  /**
   * Ends a session, or all of a user's. Resolves when the change is kept; asked again after a failure, it names the same
   * connections again.
   */
  revokeToken(token: string): Promise<SessionRevocation>;
  revokeUser(userId: string): Promise<SessionRevocation>;
}

export interface SessionRevocation {
  /** How many sessions ended. */
  revoked: number;
  elsewhere: Elsewhere;
  /** Was this identity opened by one of them? */
  concerns(identity: Identity): boolean;
}

export function createSessions({ state, save }: StateStore): Sessions {
  function end(hash: string): boolean {
    const session = state.sessions.get(hash);
    if (session === undefined) return false;
    state.sessions.delete(hash);
    state.endedSessions.set(hash, session.expiresAt);
    return true;
  }

  async function revoke(hashes: string[], concerns: SessionRevocation['concerns']): Promise<SessionRevocation> {
    const revoked = hashes.filter(end).length;
    // Also what was ended before: an earlier write of the same change may have failed, or a node not have heard of it.
    const touched = hashes
      .filter((hash) => state.endedSessions.has(hash))
      .flatMap((key): EntryName[] => [
        { table: 'endedSessions', key },
        { table: 'sessions', key },
      ]);
    const elsewhere = await save(touched);
    return { revoked, elsewhere, concerns: (identity) => identity.kind === 'session' && concerns(identity) };
  }

  return {
    async create(userId, ttlMs, claims) {
      const token = `sess_${randomBytes(32).toString('base64url')}`;
      const createdAt = Date.now();
      const expiresAt = createdAt + ttlMs;
      const key = hashToken(token);
      state.sessions.set(key, { userId, claims, createdAt, expiresAt });
      await save([{ table: 'sessions', key }]).catch((error: unknown) => {
        // Nobody has its token; the store may have it all the same.
        end(key);
        throw error;
      });
      return { token, expiresAt };
    },

    find(token) {
      const credentialId = hashToken(token);
      const session = state.sessions.get(credentialId);
      if (session === undefined || session.expiresAt <= Date.now()) throw new RtError('SESSION_INVALID');
      const { userId, claims, createdAt, expiresAt } = session;
      const rooms = readRooms(claims['rooms']);
      return {
        ...{ userId, claims: copyClaims(claims), kind: 'session', expiresAt },
        ...{ issuedAt: createdAt, credentialId, rooms },
      };
    },

    isRevoked({ kind, credentialId, expiresAt = Number.POSITIVE_INFINITY }) {
      if (kind !== 'session' || credentialId === undefined) return false;
      // One that has run out is gone too, and has its own end.
      return !state.sessions.has(credentialId) && expiresAt > Date.now();
    },

    revokeToken(token) {
      const hash = hashToken(token);
      return revoke([hash], ({ credentialId }) => credentialId === hash);
    },

    revokeUser(userId) {
      const hashes = [...state.sessions].flatMap(([hash, session]) => (session.userId === userId ? hash : []));
      const now = Date.now();
      return revoke(hashes, (identity) => identity.userId === userId && identity.issuedAt <= now);
    },
  };
}

const hashToken = (token: string) => createHash('sha256').update(token).digest('base64url');
