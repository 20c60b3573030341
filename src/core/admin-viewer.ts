import { bufferedBytes } from './buffered.ts';
import type { RtSocket } from './connection.ts';
import type { Snapshots } from './snapshot.ts';
import { createDeltas } from './snapshot-delta.ts';
import { type ResolvedQuery, resolveQuery } from './snapshot-query.ts';

/** One administrator who watches. */
export interface Viewer {
  close(): void;
}

/** A key press is answered at once, a held key this often. */
const ANSWER_MS = 40;
/** A snapshot that takes a millisecond is taken every 50, so that all viewers together cost two hundredths of the server. */
const REST_PER_COST = 50;
/** A viewer that has not taken the last snapshots gets no more until it has. */
const UNREAD_BYTES_MAX = 64_000;

/** Sends snapshots of what the viewer asked for last, from its first `watch` on. */
export function createViewer(socket: RtSocket, snapshots: Snapshots, viewers: () => number): Viewer {
  const toDelta = createDeltas();
  let query: ResolvedQuery | undefined;
  let sentAt = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let costMs = 0;
  let dueAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function schedule(ms: number): void {
    clearTimeout(timer);
    const waitMs = Math.max(0, ms);
    dueAt = performance.now() + waitMs;
    timer = setTimeout(send, waitMs);
    timer.unref();
  }

  function send(): void {
    if (query === undefined) return;
    sentAt = performance.now();
    if (bufferedBytes(socket) <= UNREAD_BYTES_MAX) {
      const snapshot = snapshots.take(query, sentAt - dueAt);
      socket.emit('snapshot', toDelta(snapshot));
      // Making the message is part of the cost. The smaller of two: that the machine was busy elsewhere for once is none.
      const nowMs = performance.now() - sentAt;
      costMs = Math.min(nowMs, tookMs);
      tookMs = nowMs;
    }
    schedule(Math.max(query.intervalMs, costMs * REST_PER_COST * viewers()));
  }

  socket.on('watch', (sent: unknown, acknowledge?: unknown) => {
    query = resolveQuery(sent);
    if (typeof acknowledge === 'function') acknowledge({ ok: true });
    schedule(sentAt + ANSWER_MS - performance.now());
  });

  return { close: () => clearTimeout(timer) };
}
