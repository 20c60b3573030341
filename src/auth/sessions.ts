import { createHash, randomBytes } from 'node:crypto';
import { RtError } from '../contract/errors.ts';
import type { Claims, Identity } from '../contract/identity.ts';
import { readRooms } from './jwt.ts';
import type { StateStore } from './state.ts';

/** Opaque tokens that the server itself hands out and knows again. */
export interface Sessions {
  /** Resolves when the session is kept: the token survives a crash from then on. */
  create(userId: string, ttlMs: number, claims: Claims): Promise<{ token: string; expiresAt: number }>;
  /** @throws RtError `SESSION_INVALID` */
  find(token: string): Identity;
  /** Resolves to how many sessions ended. */
  revokeToken(token: string): Promise<{ revoked: number; credentialIds: string[] }>;
  revokeUser(userId: string): Promise<{ revoked: number; credentialIds: string[] }>;
}

export function createSessions({ state, save }: StateStore): Sessions {
  async function revoke(hashes: string[]) {
    const credentialIds = hashes.filter((hash) => state.sessions.delete(hash));
    // Also when there was nothing: an earlier write of the same change may have failed.
    await save();
    return { revoked: credentialIds.length, credentialIds };
  }

  return {
    async create(userId, ttlMs, claims) {
      const token = `sess_${randomBytes(32).toString('base64url')}`;
      const createdAt = Date.now();
      const expiresAt = createdAt + ttlMs;
      state.sessions.set(hashToken(token), { userId, claims, createdAt, expiresAt });
      await save();
      return { token, expiresAt };
    },

    find(token) {
      const credentialId = hashToken(token);
      const session = state.sessions.get(credentialId);
      if (session === undefined || session.expiresAt <= Date.now()) throw new RtError('SESSION_INVALID');
      const { userId, claims, createdAt, expiresAt } = session;
      const rooms = readRooms(claims['rooms']);
      return { userId, claims, kind: 'session', expiresAt, issuedAt: createdAt, credentialId, rooms };
    },

    revokeToken: (token) => revoke([hashToken(token)]),

    revokeUser: (userId) =>
      revoke([...state.sessions].filter(([, session]) => session.userId === userId).map(([hash]) => hash)),
  };
}

const hashToken = (token: string) => createHash('sha256').update(token).digest('base64url');
