import { hostname } from 'node:os';
import type { StatLimits } from './contract/stats.ts';
import type { CoreOptions } from './core/core-options.ts';
import { createOriginCheck, defaultOrigins, type MayConnectFrom } from './core/origin.ts';
import type { TlsFiles } from './http/tls.ts';
import type { ResolvedOptions } from './options.ts';
import type { ResolvedSettings } from './settings-schema.ts';

/* What the parts of the server need of its settings. */

export function toCoreOptions({ settings, embedding }: ResolvedOptions): CoreOptions {
  return {
    limits: settings.limits,
    heartbeat: settings.heartbeat,
    ackTimeoutMs: settings.ack.timeout,
    connectTimeoutMs: settings.limits.connectTimeout,
    shutdown: settings.shutdown,
    application: { events: embedding.events, modules: embedding.modules ?? [] },
    node: `${hostname()}:${process.pid}`,
  };
}

export function toOriginCheck({ cors, host }: ResolvedSettings): MayConnectFrom {
  return createOriginCheck({ origins: cors.origins ?? defaultOrigins(host), requireOrigin: cors.requireOrigin });
}

export function toTlsFiles({ cert, key }: ResolvedSettings['tls']): TlsFiles | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

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
