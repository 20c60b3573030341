import { type Agreement, watchAgreement } from './agreement.ts';
import type { Authority } from './auth/authority.ts';
import { openSharedState, type SharedStateStore, toTables } from './auth/shared-state.ts';
import { toStartError } from './backplane/redis-trouble.ts';
import type { Backplane, Bus, SharedTables } from './contract/cluster.ts';
import type { Log } from './contract/log-names.ts';
import type { Core } from './core/core.ts';
import type { ResolvedSettings } from './settings-schema.ts';
import type { Place } from './workers/place.ts';

/** What makes this server a node among others. */
export interface Cluster {
  readonly backplane: Backplane;
  readonly store: SharedStateStore;
  /** Does this node let clients in while it is cut off from the others? */
  servesAlone(): boolean;
  /** From now on a revocation on another node ends connections of this one. */
  follow(core: Core, authority: Authority, log: Log): Agreement;
}

/**
 * Joins the cluster that the settings name; `undefined` where they name none.
 *
 * @param place of one of several workers: what they share takes the place of Redis, where there is none; and one that takes
 * the place of another begins also while Redis is away
 * @throws RtError `CONFIG_INVALID` where Redis does not answer or cannot be used, or its packages are not installed
 */
export async function joinCluster(settings: ResolvedSettings, place?: Place): Promise<Cluster | undefined> {
  const { url } = settings.redis;
  const mayBeAlone = place?.isReplacement ?? false;
  const backplane = url === undefined ? place?.backplane : await openRedis(settings, url, mayBeAlone);
  if (backplane === undefined) return undefined;
  try {
    const neighbours = url === undefined ? undefined : place?.backplane.bus;
    const tables = neighbours && mayBeAlone ? orFromNeighbours(backplane.tables, neighbours) : backplane.tables;
    const store = await openSharedState(tables, backplane.bus, mayBeAlone);
    neighbours?.answer('state', (names: string[]) => (store.isRead() ? toTables(store).readAll(names) : undefined));
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
      servesAlone: () => settings.limits.whenStoreDown === 'local' && store.isRead(),
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
    throw url === undefined ? error : toStartError(error, url);
  }
}

/** Tables that are read from the other workers of this machine, once, when the store is away: they know what it held. */
function orFromNeighbours(tables: SharedTables, neighbours: Bus): SharedTables {
  let isRead = false;
  return {
    ...tables,
    async readAll(names) {
      try {
        const found = await tables.readAll(names);
        isRead = true;
        return found;
      } catch (error) {
        if (isRead) throw error;
        const { answers } = await neighbours.ask<Record<string, Record<string, string>>>('state', names);
        if (answers.length === 0) throw error;
        isRead = true;
        const entriesOf = (name: string) => answers.flatMap((answer) => Object.entries(answer[name] ?? {}));
        return Object.fromEntries(names.map((name) => [name, Object.fromEntries(entriesOf(name))]));
      }
    },
  };
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

async function openRedis(
  { redis: { prefix }, limits }: ResolvedSettings,
  url: string,
  mayBeAway: boolean,
): Promise<Backplane> {
  const { openRedisBackplane } = await import('./backplane/redis.ts');
  return openRedisBackplane({ url, prefix, slots: limits, mayBeAway });
}
