import { RtError } from '../contract/errors.ts';
import { createFloodGuard, type FloodState } from './flood.ts';

/** Addresses remembered at once; the one that was first seen longest ago makes room for a new one. */
const ADDRESSES_MAX = 10_000;

/**
 * Limits how many connections a second one address may attempt, with a burst of twice that.
 *
 * @param connectsPerSecond `undefined` for no limit
 * @returns counts an attempt; throws an `RtError` `RATE_LIMITED` when it is one too many
 */
export function createConnectRate(connectsPerSecond: number | undefined): (address: string) => void {
  if (connectsPerSecond === undefined) return () => {};
  const guard = createFloodGuard(connectsPerSecond);
  const states = new Map<string, FloodState>();

  return (address) => {
    let state = states.get(address);
    if (state === undefined) {
      state = guard.create();
      states.set(address, state);
      if (states.size > ADDRESSES_MAX) {
        for (const oldest of states.keys()) {
          states.delete(oldest);
          break;
        }
      }
    }
    if (guard.admit(state) !== 'pass') {
      throw new RtError('RATE_LIMITED', { reason: 'too many connections from this address' });
    }
  };
}
