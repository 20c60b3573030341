/** The events of one socket, as far as the limit needs them. Times come from a clock that only moves forward. */
export interface FloodState {
  tokens: number;
  refilledAt: number;
  /** When the present run of refusals began; 0 when the socket is within its limit. */
  floodingSince: number;
  refusedAt: number;
}

export type FloodVerdict = 'pass' | 'refuse' | 'close';

/** A socket that stays within its limit for this long has stopped flooding. */
const CALM_MS = 1_000;
/** One that goes on for this long is closed. */
const PATIENCE_MS = 5_000;

export interface FloodGuard {
  create(): FloodState;
  /** Counts one event: a token bucket that refills at the limit and holds twice as much. */
  admit(state: FloodState): FloodVerdict;
}

/** @param readLimit events a second; asked each time, since it may change */
export function createFloodGuard(readLimit: () => number, now: () => number = () => performance.now()): FloodGuard {
  return {
    create: () => ({ tokens: readLimit() * 2, refilledAt: now(), floodingSince: 0, refusedAt: 0 }),
    admit(state) {
      const at = now();
      const eventsPerSecond = readLimit();
      const burst = eventsPerSecond * 2;
      state.tokens = Math.min(burst, state.tokens + ((at - state.refilledAt) / 1_000) * eventsPerSecond);
      state.refilledAt = at;
      if (state.tokens >= 1) {
        state.tokens--;
        return 'pass';
      }
      if (state.floodingSince === 0 || at - state.refusedAt > CALM_MS) state.floodingSince = at;
      state.refusedAt = at;
      return at - state.floodingSince >= PATIENCE_MS ? 'close' : 'refuse';
    },
  };
}
