import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ServerOptions } from 'socket.io';
import type { TokenVerifier } from './auth/jwt.ts';
import { createTokenVerifier } from './auth/token-verifier.ts';
import type { Log } from './contract/log-names.ts';
import type { StatLimits } from './contract/stats.ts';
import type { CoreOptions } from './core/core-options.ts';
import type { ResolvedOptions } from './options.ts';
import type { ResolvedSettings } from './settings-schema.ts';

/* What the parts of the server need of its settings. */

/** @param workers how many processes share the limits that are for all of them together */
export function toCoreOptions({ settings, embedding }: ResolvedOptions, workers: number): CoreOptions {
  return {
    // The settings' own, not a copy: they are read at each use, and may be changed while the server runs.
    limits: workers === 1 ? settings.limits : shareLimits(settings.limits, workers),
    heartbeat: settings.heartbeat,
    ackTimeoutMs: settings.ack.timeout,
    connectTimeoutMs: settings.limits.connectTimeout,
    shutdown: settings.shutdown,
    fastPath: settings.fastPath,
    application: { events: embedding.events, modules: embedding.modules ?? [] },
    node: nameNode(settings),
  };
}

/** In containers, hosts and processes are often called the same. Of the processes of one machine, no two are. */
function nameNode({ redis }: ResolvedSettings): string {
  const name = `${hostname()}:${process.pid}`;
  return redis.url === undefined ? name : `${name}:${randomBytes(3).toString('hex')}`;
}

/** What each worker may grant of the limits that are for all of them together: at least one, since smaller ones are refused. */
function shareLimits(limits: ResolvedSettings['limits'], workers: number): ResolvedSettings['limits'] {
  const share = (limit: number | undefined) => limit && Math.floor(limit / workers);
  return {
    ...limits,
    connections: share(limits.connections),
    connectsPerSecond: share(limits.connectsPerSecond),
  };
}

/** `undefined` where only the application's own check can say who somebody is. */
export async function toTokenVerifier({ auth }: ResolvedSettings, log: Log): Promise<TokenVerifier | undefined> {
  const { secret, publicKey, jwksUri } = auth;
  if (secret === undefined && publicKey === undefined && jwksUri === undefined) return undefined;
  return createTokenVerifier(auth, auth, (err) => log.warn('keys.unavailable', { jwksUri, err }));
}

export function toSocketOptions({ path, engine, limits }: ResolvedSettings): Partial<ServerOptions> {
  const { transports, pingInterval, pingTimeout } = engine;
  const { connectTimeout, payloadBytes } = limits;
  return { path, transports, pingInterval, pingTimeout, connectTimeout, maxHttpBufferSize: payloadBytes };
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
