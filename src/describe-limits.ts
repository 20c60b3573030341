import type { StatLimits } from './contract/stats.ts';
import type { ResolvedSettings } from './settings-schema.ts';

/** The limits in force, as the API and the dashboard tell them. */
export function describeLimits({ limits, heartbeat }: ResolvedSettings): StatLimits {
  return {
    connectionsPerUser: limits.connectionsPerUser,
    onExceeded: limits.onExceeded,
    connections: limits.connections ?? null,
    roomsPerSocket: limits.roomsPerSocket,
    eventsPerSecond: limits.eventsPerSecond,
    payloadBytes: limits.payloadBytes,
    bufferedBytes: limits.bufferedBytes,
    connectsPerSecond: limits.connectsPerSecond ?? null,
    heartbeatTimeoutMs: heartbeat.timeout,
    heartbeatSource: heartbeat.source,
  };
}
