import { expect, test } from 'vitest';
import { addUpShares } from '../../src/core/snapshot-shares.ts';

const whole = (rows: number) => ({ matching: rows, all: rows, sent: rows });
const cut = (rows: number) => ({ matching: rows, all: rows, sent: 1_000 });

test.each([
  ['one node', [whole(5)], 5, 5, { matching: 5, all: 5, reach: 5, isCut: false }],
  ['what two nodes have', [whole(5), whole(5)], 7, 7, { matching: 7, all: 7, reach: 7, isCut: false }],
  ['rows of one node each', [whole(5), whole(4)], 9, undefined, { matching: 9, all: 9, reach: 9, isCut: false }],
  [
    'rows that a filter left out',
    [
      { matching: 2, all: 5, sent: 2 },
      { matching: 1, all: 4, sent: 1 },
    ],
    2,
    6,
    { matching: 2, all: 8, reach: 2, isCut: false },
  ],
  [
    'more than the nodes sent, by estimate',
    [cut(3_000), cut(3_000)],
    1_500,
    4_000,
    { matching: 4_000, all: 4_000, reach: 1_000, isCut: true },
  ],
  [
    'an estimate that is too low for what was sent',
    [cut(1_200), cut(1_200)],
    1_900,
    1_700,
    { matching: 1_900, all: 1_900, reach: 1_000, isCut: true },
  ],
  [
    'an estimate that is too high for what there can be',
    [cut(1_200), cut(1_200)],
    1_000,
    1_600,
    { matching: 1_400, all: 1_400, reach: 1_000, isCut: true },
  ],
  [
    'many rows of one node each',
    [cut(3_000), whole(4)],
    1_004,
    undefined,
    { matching: 3_004, all: 3_004, reach: 1_000, isCut: true },
  ],
])('of %s, each counts once', (_what, shares, merged, names, total) => {
  expect(addUpShares(shares, merged, names)).toEqual(total);
});
