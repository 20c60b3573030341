import { hostname } from 'node:os';
import { Server, type ServerOptions } from 'socket.io';
import { createAuthority } from './auth/authority.ts';
import type { TokenVerifier } from './auth/jwt.ts';
import { openOwnStore } from './auth/state.ts';
import { createTokenVerifier } from './auth/token-verifier.ts';
import { type Cluster, joinCluster } from './cluster.ts';
import { RtError } from './contract/errors.ts';
import type { EventSchemas } from './contract/events.ts';
import { isAdmin } from './contract/identity.ts';
import type { Log } from './contract/log-names.ts';
import { openAdminNamespace } from './core/admin-namespace.ts';
import type { RtServer } from './core/connection.ts';
import { type CoreOptions, createCore } from './core/core.ts';
import { shortenDelivery } from './core/delivery.ts';
import type { Emitter } from './core/emitter.ts';
import { closePollingPromptly, PromptWebSocketServer } from './core/end-transport.ts';
import { guardEntrance } from './core/entrance.ts';
import { createEverywhere } from './core/everywhere.ts';
import { createOriginCheck, defaultOrigins } from './core/origin.ts';
import { releaseRequests } from './core/release-request.ts';
import { wrapCustomCheck } from './custom-check.ts';
import { describeLimits } from './describe-limits.ts';
import { releaseGlobal, reserveGlobal, setGlobal } from './global.ts';
import { createHttpApp } from './http/app.ts';
import { createAddressReader } from './http/client-address.ts';
import { secureSocketAnswers } from './http/headers.ts';
import { createHttpHost } from './http/http-host.ts';
import type { TlsFiles } from './http/tls.ts';
import { createLogger, toLog } from './logger.ts';
import { type RealtimeServerOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import type { RealtimeServer } from './realtime-server.ts';
import type { ResolvedSettings } from './settings-schema.ts';

/**
 * Creates the one realtime server of this process and listens.
 *
 * @throws RtError `CONFIG_INVALID`, `SERVER_ALREADY_RUNNING` or `ADDRESS_IN_USE`; nothing is left open then
 */
export async function createRealtimeServer<const Schemas extends EventSchemas = EventSchemas>(
  options: RealtimeServerOptions<Schemas>,
): Promise<RealtimeServer<Schemas>> {
  const resolved = resolveOptions(options);
  reserveGlobal();
  try {
    const server = await assemble(resolved);
    setGlobal(server as unknown as RealtimeServer);
    return server;
  } catch (error) {
    releaseGlobal();
    throw error;
  }
}

async function assemble<Schemas extends EventSchemas>(
  options: ResolvedOptions<Schemas>,
): Promise<RealtimeServer<Schemas>> {
  const { settings, embedding } = options;
  const logger = embedding.logger ?? (await createLogger(settings.log.level, settings.log.format));
  const log = toLog(logger);
  const { auth } = settings;
  const verifyJwt =
    auth.secret === undefined && auth.publicKey === undefined && auth.jwksUri === undefined
      ? undefined
      : await createTokenVerifier(auth, auth, (err) => log.warn('keys.unavailable', { jwksUri: auth.jwksUri, err }));
  const cluster = await joinCluster(settings);
  try {
    return await assembleNode(options, { log, verifyJwt, cluster });
  } catch (error) {
    await cluster?.backplane.close();
    throw error;
  }
}

async function assembleNode<Schemas extends EventSchemas>(
  options: ResolvedOptions<Schemas>,
  { log, verifyJwt, cluster }: { log: Log; verifyJwt: TokenVerifier | undefined; cluster: Cluster | undefined },
): Promise<RealtimeServer<Schemas>> {
  const { settings, embedding } = options;
  const authority = createAuthority(verifyJwt, cluster?.store ?? (await openOwnStore(settings.state.file)));
  const addressOf = createAddressReader(settings.trustProxy);
  const mayConnectFrom = createOriginCheck({
    origins: settings.cors.origins ?? defaultOrigins(settings.host),
    requireOrigin: settings.cors.requireOrigin,
  });

  const host = await createHttpHost(embedding, toTlsFiles(settings.tls), settings.limits.connectTimeout, (err) => {
    if (err === undefined) log.info('tls.reloaded', {});
    else log.warn('tls.reload_failed', { err });
  });
  const io: RtServer = new Server({
    path: settings.path,
    transports: settings.engine.transports,
    pingInterval: settings.engine.pingInterval,
    pingTimeout: settings.engine.pingTimeout,
    connectTimeout: settings.limits.connectTimeout,
    wsEngine: PromptWebSocketServer,
    ...(cluster !== undefined && { adapter: cluster.backplane.adapter as ServerOptions['adapter'] }),
    maxHttpBufferSize: settings.limits.payloadBytes,
    cors: { origin: (origin, allow) => allow(null, mayConnectFrom(origin)), credentials: true },
  });
  const core = createCore(io, toCoreOptions(options), {
    log,
    authenticate:
      embedding.authenticate === undefined ? authority.authenticate : wrapCustomCheck(embedding.authenticate),
    verifyToken: authority.verify,
    addressOf,
    backplane: cluster?.backplane,
  });
  cluster?.follow(core, authority, log);
  const everywhere = createEverywhere(io, core, cluster?.backplane.bus);
  const admin = openAdminNamespace(io, core.admin, {
    async authorize(handshake) {
      if (!isAdmin(await authority.authenticate(handshake))) {
        throw new RtError('FORBIDDEN', { reason: 'the token has no scope "admin"' });
      }
    },
    addressOf,
    readProcess() {
      const { user, system } = process.cpuUsage();
      return { rssBytes: process.memoryUsage.rss(), cpuMs: Math.round((user + system) / 1_000) };
    },
    limits: describeLimits(settings),
  });
  const api = createHttpApp({
    ...{ core, everywhere, authority, log, limits: describeLimits(settings) },
    trouble: () => cluster?.backplane.trouble(),
  });
  host.serve(api.handle, (server) => io.attach(server));
  closePollingPromptly(io);
  const delivery = settings.fastPath ? shortenDelivery(io, log) : undefined;
  const sendWhatWaits = () => delivery?.flush();
  process.on('exit', sendWhatWaits);
  secureSocketAnswers(io.engine);
  guardEntrance(io, {
    ...{ mayConnectFrom, addressOf, log },
    connections: settings.limits.connections,
    recordRefusal: core.recordRefusal,
    closeTransport: core.closeTransport,
  });
  releaseRequests(io);

  /** Without goodbyes; the port is the host's affair. */
  async function stopSockets(): Promise<void> {
    core.stop();
    sendWhatWaits();
    process.off('exit', sendWhatWaits);
    admin.close();
    api.close();
    io.engine.close();
    await io.of('/').adapter.close();
    await cluster?.backplane.close();
  }

  let closing: Promise<void> | undefined;
  async function shutDown(): Promise<void> {
    const deadline = performance.now() + settings.shutdown.timeout;
    await within(settings.shutdown.timeout, core.drain());
    await stopSockets();
    await host.close(Math.max(0, deadline - performance.now()));
    releaseGlobal();
    log.info('server.stopped', {});
  }

  try {
    await host.listen(settings.port, settings.host);
  } catch (error) {
    await stopSockets();
    await host.close(0);
    throw error;
  }
  const url = () => host.url(settings.host, settings.port);
  log.info('server.listening', { url: url() });

  return {
    get url() {
      return url();
    },
    settings,
    emitter: core.emitter as Emitter<Schemas>,
    users: {
      isOnline: (userId) => core.countSockets(userId) > 0,
      disconnectUser: (userId) => core.closeUser(userId, 'KICKED'),
    },
    io,
    app: api.app,
    http: host.server,
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

function toCoreOptions({ settings, embedding }: ResolvedOptions): CoreOptions {
  return {
    limits: settings.limits,
    heartbeat: settings.heartbeat,
    ackTimeoutMs: settings.ack.timeout,
    connectTimeoutMs: settings.limits.connectTimeout,
    shutdown: settings.shutdown,
    events: embedding.events,
    modules: embedding.modules ?? [],
    node: `${hostname()}:${process.pid}`,
  };
}

function toTlsFiles({ cert, key }: ResolvedSettings['tls']): TlsFiles | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
