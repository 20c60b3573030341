import type { EmitFailureReason } from '../contract/emission.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { StatRates, StatTotals } from '../contract/stats.ts';

/**
 * How a connection ended that was not ended by a rule of ours: by its client's will; by the application's own
 * `socket.disconnect()`, or by Socket.IO for a packet that has no place; because its transport was lost.
 */
export type EndCode = 'CLIENT_CLOSED' | 'SERVER_CLOSED' | 'TRANSPORT_LOST';

/** Counters since the start, written where things happen; the metrics and `GET /api/stats` read them. */
export interface Counters {
  accepted: number;
  refused: Map<ErrorCode, number>;
  closed: Map<ErrorCode | EndCode, number>;
  heartbeatTimeouts: number;
  eventsEmitted: number;
  deliveries: number;
  eventsReceived: number;
  emitFailures: Map<EmitFailureReason, number>;
  /** Events of other nodes that never came here. */
  eventsMissed: number;
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
    eventsMissed: 0,
  };
}

export function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function totalsOf(counters: Counters): StatTotals {
  return {
    ...flowOf(counters),
    heartbeatTimeouts: counters.heartbeatTimeouts,
    emitFailures: sum(counters.emitFailures),
    refusedByCode: Object.fromEntries(counters.refused),
    closedByCode: Object.fromEntries(counters.closed),
  };
}

/** What is worth a rate. */
function flowOf({ accepted, refused, closed, eventsEmitted, deliveries, eventsReceived }: Counters): StatRates {
  return { accepted, refused: sum(refused), closed: sum(closed), eventsEmitted, deliveries, eventsReceived };
}

function sum(counts: ReadonlyMap<unknown, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

const SAMPLE_EVERY_MS = 1_000;
const SAMPLES_KEPT = 11;

/** Takes a sample a second, so that a rate can be told for the last ten. */
export function createRateMeter(counters: Counters): { rates(): StatRates; lagMs(): number; close(): void } {
  const take = () => ({ at: performance.now(), flow: flowOf(counters) });
  const samples = [take()];
  let lagMs = 0;
  const timer = setInterval(() => {
    const sample = take();
    lagMs = Math.max(0, sample.at - (samples.at(-1)?.at ?? sample.at) - SAMPLE_EVERY_MS);
    samples.push(sample);
    if (samples.length > SAMPLES_KEPT) samples.shift();
  }, SAMPLE_EVERY_MS);
  timer.unref();

  return {
    rates() {
      const now = take();
      const [oldest = now] = samples;
      const seconds = Math.max(0.001, (now.at - oldest.at) / 1_000);
      const rateOf = (key: keyof StatRates) => Math.round(((now.flow[key] - oldest.flow[key]) / seconds) * 100) / 100;
      return {
        accepted: rateOf('accepted'),
        refused: rateOf('refused'),
        closed: rateOf('closed'),
        eventsEmitted: rateOf('eventsEmitted'),
        deliveries: rateOf('deliveries'),
        eventsReceived: rateOf('eventsReceived'),
      };
    },
    /** How late the last sample was. */
    lagMs: () => Math.round(lagMs * 10) / 10,
    close: () => clearInterval(timer),
  };
}
