import { type AdminClient, createAdminClient } from '../client/admin.ts';
import { toRefusal } from '../client/connect-error.ts';
import { RtError } from '../contract/errors.ts';
import { DEFAULT_PATH, splitUrl } from '../contract/server-url.ts';
import { APPLICATION_EVENT } from './event-names.ts';
import type { LogReader } from './log-reader.ts';
import { Peer, type SeenRefusal } from './peer.ts';
import type { Mint } from './tokens.ts';

/** How to get at a server. */
export interface TargetOptions {
  url: string;
  /** The Socket.IO path. Default `/socket.io`. */
  path?: string | undefined;
  adminToken: () => string | Promise<string>;
  /** Absent where no JWT can be made: the checks then connect with session tokens. */
  mint?: Mint | undefined;
  /** An origin whose pages may connect. Default: the server's own, which may be right. */
  frontendOrigin?: string | undefined;
  logs?: LogReader | undefined;
  /** How long each single thing is waited for. */
  waitMs?: number | undefined;
}

/** A server under check, and what it says of itself. */
export interface Target {
  readonly url: string;
  /** Where Socket.IO connects to: origin and path apart. */
  readonly origin: string;
  readonly path: string;
  readonly admin: AdminClient;
  readonly mint: Mint | undefined;
  readonly frontendOrigin: string;
  /** Was it said, rather than guessed? */
  readonly isFrontendKnown: boolean;
  readonly logs: LogReader | undefined;
  readonly waitMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly connectionsPerUser: number;
  /** Names of the declared events; `undefined` where the server takes any. */
  readonly declaredEvents: readonly string[] | undefined;
  /** Does the server run the application of `application.ts`, through which one can look inside? */
  readonly hasApplication: boolean;
}

const WAIT_MS = 5_000;
const PROBE_WAIT_MS = 1_500;
/** Of the contract, for a server that does not say. */
const DEFAULTS = { heartbeatTimeoutMs: 60_000, connectionsPerUser: 3 };
const SESSION_SECONDS = 300;

/**
 * Connects once, to learn the limits and whether anything can be checked at all.
 *
 * @throws RtError `SERVER_UNREACHABLE`, or the code with which the server refused our credentials
 */
export async function openTarget(options: TargetOptions): Promise<Target> {
  const { url, mint, logs, waitMs = WAIT_MS } = options;
  const { origin, prefix } = splitUrl(url);
  const path = prefix + (options.path ?? DEFAULT_PATH);
  const admin = createAdminClient({ url, token: options.adminToken, timeoutMs: waitMs });
  const events = await listEvents(admin);
  const token = await tokenOf({ admin, mint }, `rtserver-check-${crypto.randomUUID().slice(0, 8)}`);
  const probe = new Peer(origin, { path, token }, Math.max(waitMs, PROBE_WAIT_MS));
  try {
    const refusal = await probe.open();
    if (refusal !== undefined) throw toError(refusal, url);
    return {
      ...{ url, origin, path, admin, mint, logs, waitMs },
      frontendOrigin: options.frontendOrigin ?? origin,
      isFrontendKnown: options.frontendOrigin !== undefined,
      heartbeatTimeoutMs: probe.ready?.heartbeatTimeoutMs ?? DEFAULTS.heartbeatTimeoutMs,
      connectionsPerUser: probe.ready?.connectionsPerUser ?? DEFAULTS.connectionsPerUser,
      declaredEvents: events,
      hasApplication: await runsApplication(probe),
    };
  } finally {
    probe.close();
  }
}

/** A token that lets a user in. */
export async function tokenOf({ admin, mint }: Pick<Target, 'admin' | 'mint'>, userId: string): Promise<string> {
  if (mint !== undefined) return mint({ userId, expiresInMs: SESSION_SECONDS * 1_000 });
  return (await admin.createSession({ userId, ttlSeconds: SESSION_SECONDS })).token;
}

async function listEvents(admin: AdminClient): Promise<string[] | undefined> {
  const { items, declared } = (await admin.events()) as { items: { event: string }[]; declared?: boolean };
  return declared === true || items.length > 0 ? items.map(({ event }) => event) : undefined;
}

async function runsApplication({ socket }: Peer): Promise<boolean> {
  try {
    const answer = await socket.timeout(PROBE_WAIT_MS).emitWithAck(APPLICATION_EVENT, { ask: 'presence' });
    return answer?.ok === true;
  } catch {
    return false;
  }
}

/** Only a server sends a code. */
function toError(refusal: SeenRefusal, url: string): RtError {
  const { code, message } = refusal;
  if (code !== undefined) return toRefusal({ message, data: refusal });
  return new RtError('SERVER_UNREACHABLE', { reason: `no Socket.IO connection to ${url}: ${message}` });
}
