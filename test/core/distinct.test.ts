import { expect, test } from 'vitest';
import { countDistinct, sketch } from '../../src/core/distinct.ts';

const SIZE = 256;
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `user-${from + at}`);
const count = (...sets: string[][]) =>
  countDistinct(
    sets.map((set) => sketch(set, SIZE)),
    SIZE,
  );

test('few names that several nodes have are counted once, exactly', () => {
  expect(count()).toBe(0);
  expect(count([], [])).toBe(0);
  expect(count(names(0, 100), names(50, 150), names(149, 151))).toBe(151);
  expect(count(names(0, 255), names(0, 255))).toBe(255);
});

test.each([1_000, 20_000])('%i names are counted to within a fifth, however they lie on the nodes', (total) => {
  for (const shared of [0, total / 2, total]) {
    const found = count(names(0, (total + shared) / 2), names((total - shared) / 2, total));
    expect(Math.abs(found - total)).toBeLessThan(total / 5);
  }
});

test('what nodes tell each other does not grow with the names', () => {
  expect(sketch(names(0, 50_000), SIZE)).toHaveLength(SIZE);
});
