import { type Agreement, watchAgreement } from './agreement.ts';
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
  follow(core: Core, authority: Authority, log: Log): Agreement;
}

/**
 * Joins the cluster that the settings name; `undefined` where they name none.
 *
 * @param workers what the workers of one machine share, where there are several: Redis takes its place
 * @throws RtError `CONFIG_INVALID` where Redis does not answer, or its packages are not installed
 */
export async function joinCluster(settings: ResolvedSettings, workers?: Backplane): Promise<Cluster | undefined> {
  const backplane = settings.redis.url === undefined ? workers : await openRedis(settings, settings.redis.url);
  if (backplane === undefined) return undefined;
  try {
    const store = await openSharedState(backplane.tables, backplane.bus);
    const trouble = () => backplane.trouble() ?? store.trouble();
    let watching: NodeJS.Timeout | undefined;
    return {
      backplane: {
        ...backplane,
        trouble,
        async close() {
          clearInterval(watching);
          store.close();
          await backplane.close();
        },
      },
      store,
      follow(core, { revocations, sessions }, log) {
        store.onChanged(
          () =>
            core.closeWhere(revocations.isRevoked, 'TOKEN_REVOKED') +
            core.closeWhere(sessions.isRevoked, 'SESSION_REVOKED'),
        );
        const agreement = watchAgreement(backplane.bus, core.node, settings, log);
        void agreement.compare();
        backplane.onBack(() => {
          void agreement.compare();
          store.reload().catch((err: unknown) => log.warn('cluster.reload_failed', { err }));
        });
        watching = logTrouble(trouble, log);
        return agreement;
      },
    };
  } catch (error) {
    await backplane.close();
    throw error;
  }
}

const LOOK_EVERY_MS = 500;

/** One line when the node is cut off from the others, and one when it is back. */
function logTrouble(trouble: () => string | undefined, log: Log): NodeJS.Timeout {
  let since: number | undefined;
  const timer = setInterval(() => {
    const reason = trouble();
    if (reason !== undefined && since === undefined) {
      since = performance.now();
      log.warn('cluster.alone', { reason });
    } else if (reason === undefined && since !== undefined) {
      log.info('cluster.joined', { awayMs: Math.round(performance.now() - since) });
      since = undefined;
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return timer;
}

async function openRedis({ redis: { prefix }, limits }: ResolvedSettings, url: string): Promise<Backplane> {
  const { openRedisBackplane } = await import('./backplane/redis.ts');
  return openRedisBackplane({ url, prefix, slots: limits });
}
