import type { IncomingMessage } from 'node:http';
import type { Namespace } from 'socket.io';
import { type ClosingCode, createClosing, type Refusal } from '../contract/closings.ts';
import type { Bus } from '../contract/cluster.ts';
import { correlationIdOf } from '../contract/correlation-id.ts';
import { ERRORS, type ErrorCode, RtError } from '../contract/errors.ts';
import type { Log } from '../contract/log-names.ts';
import type { RefusalInfo } from '../contract/resources.ts';
import { ADMIN_NAMESPACE, SNAPSHOT_VERSION, type Welcome } from '../contract/snapshot.ts';
import { VERSION } from '../contract/version.ts';
import { createViewer, type Viewer } from './admin-viewer.ts';
import type { RtServer, RtSocket } from './connection.ts';
import { endTransport } from './end-transport.ts';
import type { Handshake } from './handshake.ts';
import type { Observed } from './observe.ts';
import { createSnapshots, type SnapshotContext } from './snapshot.ts';
import { createWatching } from './watching.ts';

/** The namespace's side of the core. */
export interface AdminCore extends Omit<SnapshotContext, 'readProcess'> {
  observed: Observed;
  log: Log;
  node: string;
  readonly events: object | undefined;
  recordRefusal(refusal: RefusalInfo): void;
  /** @throws RtError `RATE_LIMITED` */
  countConnect(address: string): void;
}

/** What it asks of the outside. */
export interface AdminPorts {
  /** Rejects, or throws, an `RtError` with the code of the refusal for whoever is no administrator. */
  authorize(handshake: Pick<Handshake, 'auth' | 'headers' | 'query'>): Promise<unknown>;
  addressOf(request: IncomingMessage): string;
  readProcess: SnapshotContext['readProcess'];
  readLimits(): Welcome['limits'];
  /** To the other nodes, where there are any. */
  bus: Bus | undefined;
}

export interface AdminNamespace {
  /** Tells those who watch what limits and events there are now. */
  announce(): void;
  close(): void;
}

/** A token that is revoked, or runs out, ends its viewer within this time. */
const RECHECK_MS = 5_000;

/** What ends a viewer whose token was good when it came. A token that nothing verifies any more has lost its key. */
const CLOSINGS: Partial<Record<ErrorCode, ClosingCode>> = {
  TOKEN_EXPIRED: 'TOKEN_EXPIRED',
  TOKEN_REVOKED: 'TOKEN_REVOKED',
  TOKEN_INVALID: 'TOKEN_REVOKED',
};

/**
 * Opens the namespace in which administrators watch. Its sockets take no slot and are in no list. While there are none,
 * nothing is noted and nothing is computed.
 */
export function openAdminNamespace(io: RtServer, core: AdminCore, ports: AdminPorts): AdminNamespace {
  const { observed, log } = core;
  const startedAt = Date.now();
  const viewers = new Set<Viewer>();
  const create = () => createSnapshots({ ...core, readProcess: ports.readProcess });
  const watching = createWatching(observed, create, ports.bus);

  const namespace = io.of(ADMIN_NAMESPACE) as unknown as Namespace;
  namespace.use((socket, next) => {
    enter(socket as unknown as RtSocket).then(
      () => next(),
      (error: unknown) => refuse(socket as unknown as RtSocket, error, next),
    );
  });
  namespace.on('connection', (each) => {
    const socket = each as unknown as RtSocket;
    watching.begin();
    const viewer = createViewer(socket, {
      take: watching.take,
      viewers: () => viewers.size,
      onFailed: (err) => log.error('viewer.failed', { ...about(socket), err }),
    });
    viewers.add(viewer);
    const recheck = keepChecking(socket);
    socket.on('disconnect', () => {
      clearInterval(recheck);
      viewer.close();
      viewers.delete(viewer);
      if (viewers.size === 0) watching.end();
    });
    viewer.welcome(describe());
  });

  async function enter(socket: RtSocket): Promise<void> {
    if (core.isDraining()) throw new RtError('SERVER_SHUTDOWN');
    core.countConnect(ports.addressOf(socket.request as IncomingMessage));
    await authorize(socket);
  }

  async function authorize({ handshake: { auth, headers, query } }: RtSocket): Promise<void> {
    await ports.authorize({ auth, headers, query });
  }

  function describe(): Welcome {
    return {
      version: SNAPSHOT_VERSION,
      serverVersion: VERSION,
      node: core.node,
      startedAt,
      limits: ports.readLimits(),
      events: core.events === undefined ? null : Object.keys(core.events),
    };
  }

  function refuse(socket: RtSocket, thrown: unknown, next: (error: Error) => void): void {
    const error = toRtError(thrown);
    const request = socket.request as IncomingMessage;
    const correlationId = correlationIdOf(request.headers);
    const { code, detail } = error;
    const { origin } = request.headers;
    const about = { address: ports.addressOf(request), ...(origin !== undefined && { origin }), correlationId };
    core.recordRefusal({ at: Date.now(), kind: 'refused', code, ...about });
    log.warn('connection.refused', {
      ...about,
      code,
      ...detail,
      namespace: ADMIN_NAMESPACE,
      ...(error.cause !== undefined && { err: error.cause }),
    });
    const { message, retry } = ERRORS[code];
    const data: Refusal = { ...detail, code, message, retry, correlationId };
    next(Object.assign(new Error(message), { data }));
    setImmediate(endTransport, socket.conn);
  }

  const about = (socket: RtSocket) => ({
    correlationId: correlationIdOf(socket.request.headers),
    socketId: socket.id,
    namespace: ADMIN_NAMESPACE,
  });

  /** Ends the viewer when its token is not good any more. That it could not be checked is nothing that it has done. */
  function keepChecking(socket: RtSocket): NodeJS.Timeout {
    let isFailing = false;
    const recheck = setInterval(async () => {
      try {
        await authorize(socket);
        isFailing = false;
      } catch (error) {
        if (error instanceof RtError && !error.retry) dismiss(socket, error.code);
        else if (!isFailing) log.warn('viewer.failed', { ...about(socket), err: error });
        isFailing = true;
      }
    }, RECHECK_MS);
    return recheck.unref();
  }

  function dismiss(socket: RtSocket, reason: ErrorCode): void {
    const code = CLOSINGS[reason] ?? 'SESSION_REVOKED';
    log.info('connection.closed', { ...about(socket), code, reason });
    socket.emit('closing', createClosing(code, correlationIdOf(socket.request.headers)));
    socket.disconnect();
    endTransport(socket.conn);
  }

  return {
    announce() {
      const about = describe();
      for (const viewer of viewers) viewer.welcome(about);
    },
    close() {
      for (const socket of namespace.sockets.values()) {
        const { headers } = socket.request as IncomingMessage;
        socket.emit('closing', createClosing('SERVER_SHUTDOWN', correlationIdOf(headers)));
      }
      for (const viewer of viewers) viewer.close();
      watching.close();
    },
  };
}

const toRtError = (thrown: unknown) =>
  thrown instanceof RtError ? thrown : new RtError('UNAUTHENTICATED', {}, { cause: thrown });
