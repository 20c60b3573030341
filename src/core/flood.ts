/** The events of one socket, as far as the limit needs them. Times come from a clock that only moves forward. */
export interface FloodState {
  /** When all that it sent is forgiven. */
  clearAt: number;
  /** When the present run of refusals began; 0 when the socket is within its limit. */
  floodingSince: number;
  refusedAt: number;
}

export type FloodVerdict = 'pass' | 'refuse' | 'close';

/** A socket that stays within its limit for this long has stopped flooding. */
const CALM_MS = 1_000;
/** One that goes on for this long is closed. */
const PATIENCE_MS = 5_000;
/** So much of its limit may come at once. */
const BURST_MS = 2_000;
const ROUNDING_MS = 0.001;

export interface FloodGuard {
  create(): FloodState;
  /** Counts one event: each takes its part of a second to be forgiven, and two seconds of them may wait for that. */
  admit(state: FloodState): FloodVerdict;
}

/** @param readLimit events a second; asked each time, since it may change */
export function createFloodGuard(readLimit: () => number, now: () => number = () => performance.now()): FloodGuard {
  return {
    create: () => ({ clearAt: 0, floodingSince: 0, refusedAt: 0 }),
    admit(state) {
      const at = now();
      const clearAt = Math.max(state.clearAt, at) + 1_000 / readLimit();
      if (clearAt - at <= BURST_MS + ROUNDING_MS) {
        state.clearAt = clearAt;
        return 'pass';
      }
      if (state.floodingSince === 0 || at - state.refusedAt > CALM_MS) state.floodingSince = at;
      state.refusedAt = at;
      return at - state.floodingSince >= PATIENCE_MS ? 'close' : 'refuse';
    },
  };
}
