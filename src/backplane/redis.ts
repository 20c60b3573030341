import { randomBytes } from 'node:crypto';
import type { Backplane, EventReports } from '../contract/cluster.ts';
import { createBus } from './bus.ts';
import { createAdapterFactory } from './event-adapter.ts';
import { loadPeers } from './peers.ts';
import { openConnections } from './redis-connections.ts';
import { toStartError } from './redis-trouble.ts';
import { createSlotStore, type SlotRules } from './slot-store.ts';
import { createTables } from './tables.ts';

export interface RedisBackplaneOptions {
  url: string;
  /** Begins the names of all keys and channels. */
  prefix: string;
  slots: SlotRules;
  /** Begin also while Redis is away, cut off from the others until it is there. */
  mayBeAway: boolean;
}

/**
 * Joins the cluster that shares a Redis.
 *
 * @throws RtError `CONFIG_INVALID` where the optional packages are not installed, or Redis does not answer or cannot be used
 */
export async function openRedisBackplane(options: RedisBackplaneOptions): Promise<Backplane> {
  const { url, prefix, slots: rules, mayBeAway } = options;
  const peers = await loadPeers();
  const nodeId = randomBytes(9).toString('base64url');
  const redis = await openConnections(peers.Redis, url, mayBeAway);
  try {
    let reports: EventReports = { onNotHandedOn() {}, onMissed() {}, onCame() {} };
    // Keys are apart by their database, channels are not.
    const channels = `${prefix}@${redis.commands.options.db ?? 0}`;
    const bus = await createBus(redis, channels, nodeId);
    const slots = await createSlotStore(redis, bus, prefix, nodeId, { rules, mayBeAway });
    const tables = createTables(redis, prefix);
    return {
      adapter: createAdapterFactory(peers, redis, channels, nodeId, {
        onNotHandedOn: (event, cause) => reports.onNotHandedOn(event, cause),
        onMissed: (node, count) => reports.onMissed(node, count),
        onCame: (rooms, except) => reports.onCame(rooms, except),
      }),
      bus,
      slots,
      tables,
      trouble: () => redis.trouble() ?? slots.trouble(),
      onBack(listener) {
        redis.onBack(listener);
        tables.onLost(listener);
      },
      report(listener) {
        reports = listener;
      },
      async close() {
        tables.close();
        await slots.close();
        redis.close();
      },
    };
  } catch (error) {
    redis.close();
    throw toStartError(error, url);
  }
}
