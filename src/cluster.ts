import type { Authority } from './auth/authority.ts';
import { openSharedState, type SharedStateStore } from './auth/shared-state.ts';
import type { Backplane } from './contract/cluster.ts';
import type { Log } from './contract/log-names.ts';
import type { Core } from './core/core.ts';
import type { ResolvedSettings } from './settings-schema.ts';

/** What makes this server a node among others. */
export interface Cluster {
  readonly backplane: Backplane;
  readonly store: SharedStateStore;
  /** From now on a revocation on another node ends connections of this one. */
  follow(core: Core, authority: Authority, log: Log): void;
}

/**
 * Joins the cluster that the settings name; `undefined` where they name none.
 *
 * @throws RtError `CONFIG_INVALID` where Redis does not answer, or its packages are not installed
 */
export async function joinCluster({ redis, limits }: ResolvedSettings): Promise<Cluster | undefined> {
  const { url, prefix } = redis;
  if (url === undefined) return undefined;
  const { openRedisBackplane } = await import('./backplane/redis.ts');
  const backplane = await openRedisBackplane({ url, prefix, slots: limits });
  try {
    const store = await openSharedState(backplane.tables, backplane.bus);
    return {
      backplane,
      store,
      follow(core, { revocations, sessions }, log) {
        store.onChanged(
          () =>
            core.closeWhere(revocations.isRevoked, 'TOKEN_REVOKED') +
            core.closeWhere(sessions.isRevoked, 'SESSION_REVOKED'),
        );
        backplane.onBack(() => {
          store.reload().catch((err: unknown) => log.warn('cluster.reload_failed', { err }));
        });
      },
    };
  } catch (error) {
    await backplane.close();
    throw error;
  }
}
