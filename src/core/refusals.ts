import type { RefusalInfo } from '../contract/resources.ts';

const KEPT = 1_000;

/** The last refusals and closings, newest first. */
export interface RefusalLog {
  record(refusal: RefusalInfo): void;
  list(): RefusalInfo[];
}

export function createRefusalLog(): RefusalLog {
  const ring: RefusalInfo[] = [];
  let next = 0;
  return {
    record(refusal) {
      ring[next] = refusal;
      next = (next + 1) % KEPT;
    },
    list: () => [...ring.slice(next), ...ring.slice(0, next)].reverse(),
  };
}
