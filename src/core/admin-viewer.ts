import type { Snapshot, Welcome } from '../contract/snapshot.ts';
import { bufferedBytes } from './buffered.ts';
import type { RtSocket } from './connection.ts';
import { createDeltas } from './snapshot-delta.ts';
import { type ResolvedQuery, resolveQuery } from './snapshot-query.ts';

/** Puts together what a viewer asked for. */
export type TakeSnapshot = (query: ResolvedQuery, lateMs: number) => Snapshot | Promise<Snapshot>;

/** One administrator who watches. */
export interface Viewer {
  /** Tells what the server is. The next snapshot holds all its rows. */
  welcome(about: Welcome): void;
  close(): void;
}

/** A key press is answered at once, a held key this often. */
const ANSWER_MS = 40;
/** A snapshot that takes a millisecond is taken every 50, so that all viewers together cost two hundredths of the server. */
const REST_PER_COST = 50;
/** A viewer that has not taken the last snapshots gets no more until it has. */
const UNREAD_BYTES_MAX = 64_000;

export interface ViewerContext {
  take: TakeSnapshot;
  /** How many there are. */
  viewers(): number;
  /** A snapshot could not be taken; the next one is tried as if nothing had happened. Called for the first of several. */
  onFailed(cause: unknown): void;
}

/** Sends snapshots of what the viewer asked for last, from its first `watch` on. */
export function createViewer(socket: RtSocket, { take, viewers, onFailed }: ViewerContext): Viewer {
  let toDelta = createDeltas();
  let query: ResolvedQuery | undefined;
  let sentAt = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let costMs = 0;
  let dueAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let isSending = false;
  /** Something else was asked for while a snapshot was under way. */
  let isAsked = false;
  let isFailing = false;
  let isClosed = false;

  function schedule(ms: number): void {
    clearTimeout(timer);
    const waitMs = Math.max(0, ms);
    dueAt = performance.now() + waitMs;
    timer = setTimeout(send, waitMs);
    timer.unref();
  }

  async function send(): Promise<void> {
    if (query === undefined) return;
    sentAt = performance.now();
    isSending = true;
    const restMs = Math.max(query.intervalMs, costMs * REST_PER_COST * viewers());
    try {
      if (bufferedBytes(socket) <= UNREAD_BYTES_MAX) await answer(query, sentAt - dueAt, restMs);
      isFailing = false;
    } catch (cause) {
      if (!isFailing) onFailed(cause);
      isFailing = true;
    }
    isSending = false;
    if (!isClosed) schedule(isAsked ? ANSWER_MS : restMs);
    isAsked = false;
  }

  async function answer(asked: ResolvedQuery, lateMs: number, restMs: number): Promise<void> {
    const snapshot = await take(asked, lateMs);
    const tookAt = performance.now();
    socket.emit('snapshot', toDelta({ ...snapshot, nextMs: Math.round(restMs) }));
    // Making the message is part of the cost, waiting for other nodes is not. The smaller of two: that the machine was busy
    // elsewhere for once is none.
    const nowMs = snapshot.figures.costMs + performance.now() - tookAt;
    costMs = Math.min(nowMs, tookMs);
    tookMs = nowMs;
  }

  socket.on('watch', (sent: unknown, acknowledge?: unknown) => {
    query = resolveQuery(sent);
    if (typeof acknowledge === 'function') acknowledge({ ok: true });
    isAsked = isSending;
    if (!isSending) schedule(sentAt + ANSWER_MS - performance.now());
  });

  return {
    welcome(about) {
      // Its program begins with no rows then.
      toDelta = createDeltas();
      socket.emit('welcome', about);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
