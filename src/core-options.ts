import { hostname } from 'node:os';
import type { CoreOptions } from './core/core.ts';
import type { ResolvedOptions } from './options.ts';

/** @param workers how many processes share the limits that are for all of them together */
export function toCoreOptions({ settings, embedding }: ResolvedOptions, workers: number): CoreOptions {
  const { limits } = settings;
  return {
    limits: {
      ...limits,
      connections: shareOf(limits.connections, workers),
      connectsPerSecond: shareOf(limits.connectsPerSecond, workers),
    },
    heartbeat: settings.heartbeat,
    ackTimeoutMs: settings.ack.timeout,
    connectTimeoutMs: limits.connectTimeout,
    shutdown: settings.shutdown,
    events: embedding.events,
    modules: embedding.modules ?? [],
    node: `${hostname()}:${process.pid}`,
  };
}

/** What each worker may grant of a limit that is for all of them together. */
export function shareOf(limit: number | undefined, workers: number): number | undefined {
  return limit === undefined ? undefined : Math.max(1, Math.floor(limit / workers));
}
