import type { Closing } from '../contract/closings.ts';
import { RtError } from '../contract/errors.ts';
import {
  ADMIN_NAMESPACE,
  type AnyRow,
  applyDelta,
  SNAPSHOT_VERSION,
  type Snapshot,
  type SnapshotDelta,
  type WatchQuery,
  type Welcome,
} from '../contract/snapshot.ts';
import { fromConnectError } from './connect-error.ts';
import { openSocket, showUrl } from './open-socket.ts';
import { toRtError } from './to-rt-error.ts';

export interface WatchOptions {
  /** With the scope `admin`. Asked for each connection. */
  token: () => string | Promise<string>;
  /** Default `/socket.io`. */
  path?: string | undefined;
}

/** How it stands with the server. `refused` is final; from `lost` it comes back by itself. */
export type WatchStatus =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'lost'; since: number; reason: string }
  | { state: 'refused'; error: RtError };

export interface WatchListener {
  welcome(welcome: Welcome): void;
  snapshot(snapshot: Snapshot): void;
  status(status: WatchStatus): void;
}

/** Snapshots of a server, across reconnections. Whoever opens it closes it. */
export interface Watch {
  /** What to show from now on. */
  ask(query: WatchQuery): void;
  close(): void;
}

const RETRY_MS = 1_000;
/** Somebody is looking at the screen and waits. */
const RETRY_MAX_MS = 2_000;

/** Watches an rtserver as an administrator. */
export function openWatch(url: string, { token, path }: WatchOptions, listener: WatchListener): Watch {
  const socket = openSocket(
    url,
    { token, ...(path !== undefined && { path }) },
    (cause) => finish(new RtError('UNAUTHENTICATED', { reason: `no token: ${String(cause)}` }, { cause })),
    ADMIN_NAMESPACE,
  );
  socket.io.reconnectionDelayMax(RETRY_MAX_MS);
  let query: WatchQuery | undefined;
  let rows: readonly AnyRow[] = [];
  let closing: Closing | undefined;
  let lostSince: number | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function ask(): void {
    if (query !== undefined && socket.connected) socket.emit('watch', query);
  }

  function lose(reason: string): void {
    if (isClosed) return;
    lostSince ??= Date.now();
    listener.status({ state: 'lost', since: lostSince, reason });
    // Socket.IO comes back by itself, but not after the server said no.
    if (socket.active) return;
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => socket.connect(), RETRY_MS);
  }

  function finish(error: RtError): void {
    if (isClosed) return;
    close();
    listener.status({ state: 'refused', error });
  }

  function close(): void {
    isClosed = true;
    clearTimeout(retryTimer);
    socket.disconnect();
  }

  socket.on('welcome', (welcome: Welcome) => {
    if (welcome.version !== SNAPSHOT_VERSION) {
      const reason = `the server speaks version ${welcome.version} of the dashboard's protocol, this program ${SNAPSHOT_VERSION}`;
      finish(new RtError('SERVER_UNREACHABLE', { reason }));
      return;
    }
    rows = [];
    closing = undefined;
    lostSince = undefined;
    listener.status({ state: 'live' });
    listener.welcome(welcome);
    ask();
  });
  socket.on('snapshot', (delta: SnapshotDelta) => {
    const snapshot = applyDelta(delta, rows);
    rows = snapshot.rows;
    listener.snapshot(snapshot);
  });
  socket.on('closing', (sent: Closing) => {
    closing = sent;
  });
  socket.on('connect_error', (error) => {
    // Socket.IO itself refuses a namespace that nobody serves, without data; an rtserver says why.
    const isForeign = !socket.active && (error as { data?: unknown }).data === undefined;
    const known = isForeign ? notOurs(showUrl(url), error) : fromConnectError(error, socket, showUrl(url));
    if (known.retry) lose(reasonOf(known));
    else finish(known);
  });
  socket.on('disconnect', (reason) => {
    // A token that ran out is no hindrance: the next connection asks for a new one.
    if (closing !== undefined && !closing.retry && closing.code !== 'TOKEN_EXPIRED') finish(toRtError({ ...closing }));
    else lose(closing?.message ?? LOST[reason] ?? reason);
  });
  listener.status({ state: 'connecting' });
  socket.connect();

  return {
    ask(next) {
      query = next;
      ask();
    },
    close,
  };
}

const notOurs = (url: string, cause: Error) =>
  new RtError('SERVER_UNREACHABLE', { reason: `${url} is a Socket.IO server, and not an rtserver` }, { cause });

const reasonOf = ({ detail, message }: RtError) => (typeof detail['reason'] === 'string' ? detail['reason'] : message);

/** Socket.IO's reasons, in words. */
const LOST: Readonly<Record<string, string>> = {
  'transport close': 'the server closed the connection',
  'transport error': 'the connection broke',
  'ping timeout': 'the server does not answer',
  'io server disconnect': 'the server ended the connection',
};
