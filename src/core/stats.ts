import type { EmitFailureReason } from '../contract/emission.ts';
import type { ErrorCode } from '../contract/errors.ts';

/** How a connection ended that the server did not end: by its client's will, or because its transport was lost. */
export type EndCode = 'CLIENT_CLOSED' | 'TRANSPORT_LOST';

/** Counters since the start; the metrics and `GET /api/stats` read them. */
export interface Counters {
  accepted: number;
  refused: Map<ErrorCode, number>;
  closed: Map<ErrorCode | EndCode, number>;
  heartbeatTimeouts: number;
  eventsEmitted: number;
  deliveries: number;
  eventsReceived: number;
  emitFailures: Map<EmitFailureReason, number>;
}

export function createCounters(): Counters {
  return {
    accepted: 0,
    refused: new Map(),
    closed: new Map(),
    heartbeatTimeouts: 0,
    eventsEmitted: 0,
    deliveries: 0,
    eventsReceived: 0,
    emitFailures: new Map(),
  };
}

export function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
