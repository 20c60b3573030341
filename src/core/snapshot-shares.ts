/** Rows of a view that can be gone to: each node sends as many as that at most. */
export const ROWS_REACHABLE = 1_000;

/** How many rows of a view a node has, and has sent. */
export interface Share {
  matching: number;
  all: number;
  sent: number;
}

/** How many rows a view has on all nodes. */
export interface Total {
  matching: number;
  all: number;
  /** Those that can be gone to. */
  reach: number;
  /** Has a node more that match than it sent? */
  isCut: boolean;
}

/**
 * Counts once what several nodes have: known of the rows that were sent, estimated for the others.
 *
 * @param merged how many different rows were sent
 * @param names about how many there are, each counted once; `undefined` where no two nodes have the same row
 */
export function addUpShares(shares: readonly Share[], merged: number, names: number | undefined): Total {
  const sumOf = (of: keyof Share) => shares.reduce((sum, share) => sum + share[of], 0);
  const isCut = shares.some(({ matching, sent }) => matching > sent);
  const repeated = sumOf('sent') - merged;
  const most = sumOf('matching') - repeated;
  // An estimate is needed, and better than the sum, only where a node kept rows to itself.
  const estimated = isCut && names !== undefined ? Math.max(merged, names) : Number.POSITIVE_INFINITY;
  const all = Math.min(sumOf('all') - repeated, estimated);
  return { matching: Math.min(most, all), all, reach: Math.min(ROWS_REACHABLE, most), isCut };
}
