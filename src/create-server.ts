import type { Logger } from 'pino';
import { Server, type ServerOptions } from 'socket.io';
import { createAuthority } from './auth/authority.ts';
import type { TokenVerifier } from './auth/jwt.ts';
import { openOwnStore } from './auth/state.ts';
import { type Cluster, joinCluster } from './cluster.ts';
import type { EventSchemas } from './contract/events.ts';
import type { Log } from './contract/log-names.ts';
import { settlesWithin } from './contract/within.ts';
import { openAdminNamespace } from './core/admin-namespace.ts';
import type { RtServer } from './core/connection.ts';
import { createCore } from './core/core.ts';
import { shortenDelivery } from './core/delivery.ts';
import type { Emitter } from './core/emitter.ts';
import { closePollingPromptly, PromptWebSocketServer } from './core/end-transport.ts';
import { guardEntrance } from './core/entrance.ts';
import { createEverywhere } from './core/everywhere.ts';
import { intakeParser } from './core/intake.ts';
import { releaseRequests } from './core/release-request.ts';
import { wrapCustomCheck } from './custom-check.ts';
import { describeLimits, toCoreOptions, toSocketOptions, toTokenVerifier } from './from-settings.ts';
import { releaseGlobal, reserveGlobal, setGlobal } from './global.ts';
import { createHttpApp } from './http/app.ts';
import { createAddressReader } from './http/client-address.ts';
import { setSecurityHeaders } from './http/headers.ts';
import { createHttpHost } from './http/http-host.ts';
import { toTlsFiles } from './http/tls.ts';
import { createLogger, toLog } from './logger.ts';
import { type RealtimeServerOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { createOriginGate } from './origin-gate.ts';
import type { RealtimeServer } from './realtime-server.ts';
import { createReload } from './reload.ts';
import type { Place } from './workers/place.ts';

/**
 * Creates the one realtime server of this process and listens; where `server` is given, listening is its owner's affair.
 *
 * @throws RtError `CONFIG_INVALID`, `SERVER_ALREADY_RUNNING` or `ADDRESS_IN_USE`; nothing is left open then
 */
export async function createRealtimeServer<const Schemas extends EventSchemas = EventSchemas>(
  options: RealtimeServerOptions<Schemas>,
): Promise<RealtimeServer<Schemas>> {
  return start(resolveOptions(options));
}

/** The same as one of several workers, in the place of which connections come in. */
export async function createWorkerServer(options: RealtimeServerOptions, place: Place): Promise<RealtimeServer> {
  return start(resolveOptions(options), place);
}

async function start<Schemas extends EventSchemas>(
  options: ResolvedOptions<Schemas>,
  place?: Place,
): Promise<RealtimeServer<Schemas>> {
  reserveGlobal();
  try {
    const server = await assemble(options, place);
    setGlobal(server as unknown as RealtimeServer);
    return server;
  } catch (error) {
    releaseGlobal();
    throw error;
  }
}

async function assemble<Schemas extends EventSchemas>(
  options: ResolvedOptions<Schemas>,
  place: Place | undefined,
): Promise<RealtimeServer<Schemas>> {
  const { settings, embedding } = options;
  const logger = embedding.logger ?? (await createLogger(settings.log.level, settings.log.format));
  const log = toLog(logger);
  const verifyJwt = await toTokenVerifier(settings, log);
  const cluster = await joinCluster(settings, place);
  try {
    return await assembleNode(options, { logger, log, verifyJwt, cluster, place });
  } catch (error) {
    await cluster?.backplane.close();
    throw error;
  }
}

interface Surroundings {
  logger: Logger;
  log: Log;
  verifyJwt: TokenVerifier | undefined;
  cluster: Cluster | undefined;
  place: Place | undefined;
}

async function assembleNode<Schemas extends EventSchemas>(
  options: ResolvedOptions<Schemas>,
  { logger, log, verifyJwt, cluster, place }: Surroundings,
): Promise<RealtimeServer<Schemas>> {
  const { settings, embedding } = options;
  const authority = createAuthority(verifyJwt, cluster?.store ?? (await openOwnStore(settings.state.file)));
  const addressOf = createAddressReader(settings.trustProxy);
  const origins = createOriginGate(options as unknown as ResolvedOptions);
  const { mayConnectFrom } = origins;

  const source = { ...embedding, door: place?.door };
  const host = await createHttpHost(source, toTlsFiles(settings.tls), settings.limits.connectTimeout, (err) => {
    if (err === undefined) log.info('tls.reloaded', {});
    else log.warn('tls.reload_failed', { err });
  });
  const io: RtServer = new Server({
    ...toSocketOptions(settings),
    wsEngine: PromptWebSocketServer,
    parser: intakeParser,
    ...(cluster !== undefined && { adapter: cluster.backplane.adapter as ServerOptions['adapter'] }),
    cors: { origin: (origin, allow) => allow(null, mayConnectFrom(origin)), credentials: true },
  });
  const coreOptions = toCoreOptions(options, place?.count ?? 1);
  const core = createCore(io, coreOptions, {
    ...{ log, addressOf, nextTick: process.nextTick },
    authenticate:
      embedding.authenticate === undefined
        ? authority.authenticate
        : wrapCustomCheck(() => embedding.authenticate, authority.revocations.isRevoked),
    verifyToken: authority.verify,
    backplane: cluster?.backplane,
  });
  const agreement = cluster?.follow(core, authority, log);
  const readLimits = () => describeLimits(settings);
  const everywhere = createEverywhere(io, core, cluster?.backplane.bus);
  const admin = openAdminNamespace(io, core.admin, {
    authorize: authority.authenticateAdmin,
    addressOf,
    readProcess() {
      const { user, system } = process.cpuUsage();
      return { rssBytes: process.memoryUsage.rss(), cpuMs: Math.round((user + system) / 1_000) };
    },
    readLimits,
    bus: cluster?.backplane.bus,
  });
  const api = createHttpApp({
    ...{ core, everywhere, authority, log, readLimits },
    workers: place?.backplane.bus,
    standing: { trouble: () => cluster?.backplane.trouble(), servesAlone: () => cluster?.servesAlone() ?? true },
  });
  host.serve(api.handle, (server) => io.attach(server));
  closePollingPromptly(io);
  const delivery = settings.fastPath ? shortenDelivery(io, log) : undefined;
  const sendWhatWaits = () => delivery?.flush();
  process.on('exit', sendWhatWaits);
  guardEntrance(io, {
    ...{ mayConnectFrom, addressOf, log, limits: coreOptions.limits },
    prepareAnswer: setSecurityHeaders,
    recordRefusal: core.recordRefusal,
    closeTransport: core.closeTransport,
  });
  place?.route(io.engine);
  releaseRequests(io);

  const reload = createReload<Schemas>({
    ...{ running: options as unknown as ResolvedOptions, core, log },
    apply(changed) {
      origins.renew();
      if (changed.includes('log.level')) logger.level = settings.log.level;
      admin.announce();
      void agreement?.compare();
    },
  });

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
    await settlesWithin(settings.shutdown.timeout, core.drain());
    await stopSockets();
    await host.close(Math.max(0, deadline - performance.now()));
    releaseGlobal();
    if (place === undefined) log.info('server.stopped', {});
  }

  try {
    await host.listen(settings.port, settings.host);
  } catch (error) {
    await stopSockets();
    await host.close(0);
    throw error;
  }
  host.onceListening(() => {
    origins.renew();
    // Of several workers, the process that has the port says so.
    if (place === undefined) log.info('server.listening', { url: host.url(settings.host, settings.port) });
  });

  return {
    get url() {
      return host.url(settings.host, settings.port);
    },
    emitter: core.emitter as Emitter<Schemas>,
    users: {
      isOnline: (userId) => core.countSockets(userId) > 0,
      kick: (userId) => core.closeUser(userId, 'KICKED'),
      disconnectUser: (userId) => core.closeUser(userId, 'KICKED'),
    },
    ...{ settings, io, app: api.app, http: host.server, reload },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}
