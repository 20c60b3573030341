import type { Identity } from '../contract/identity.ts';
import { type Elsewhere, laterEnd, type StateStore } from './state.ts';

/** JWTs that are no longer good although their signature is. */
export interface Revocations {
  isRevoked(identity: Identity): boolean;
  /**
   * Resolves when the change is kept.
   *
   * @param expiresAt when the token runs out by itself and need not be remembered, where that is known
   */
  revokeToken(jti: string, expiresAt?: number): Promise<Elsewhere>;
  /** Every token of the user issued until now. Resolves as `revokeToken` does. */
  revokeUser(userId: string): Promise<Elsewhere>;
}

export function createRevocations({ state, save }: StateStore): Revocations {
  return {
    isRevoked({ kind, userId, credentialId, issuedAt }) {
      if (kind === 'session') return false;
      if (credentialId !== undefined && state.revokedTokens.has(credentialId)) return true;
      const revokedAt = state.revokedUsers.get(userId);
      // A token without `iat` counts as issued before anything; one with whole seconds, at the start of its second.
      return revokedAt !== undefined && issuedAt <= revokedAt;
    },
    async revokeToken(jti, expiresAt) {
      state.revokedTokens.set(jti, laterEnd(state.revokedTokens.get(jti), expiresAt ?? null));
      return save([{ table: 'revokedTokens', key: jti }]);
    },
    async revokeUser(userId) {
      state.revokedUsers.set(userId, Date.now());
      return save([{ table: 'revokedUsers', key: userId }]);
    },
  };
}
