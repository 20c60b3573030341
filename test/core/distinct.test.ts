import { describe, expect, test } from 'vitest';
import { countDistinct, countUnion, membersSketched, sketch } from '../../src/core/distinct.ts';

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

describe('the members of a room on several nodes', () => {
  const PAGE = 100;
  const size = membersSketched(PAGE);
  const union = (...sets: string[][]) =>
    countUnion(
      sets.map((set) => ({ users: set.length, members: sketch(set, size) })),
      size,
    );

  test('are counted exactly where they are few, or each on one node', () => {
    expect(union([], [])).toBe(0);
    expect(union(names(0, 200), names(100, 300), names(0, 1))).toBe(300);
    expect(union(names(0, 20_000), names(20_000, 25_000))).toBe(25_000);
    expect(union(names(0, 5_000), names(0, 5_000), names(0, 5_000))).toBe(5_000);
  });

  test.each([0.02, 0.1, 0.5])('are counted to within a few per cent where %d of them are on two nodes', (share) => {
    const total = 10_000;
    const shared = total * share;
    const found = union(names(0, (total + shared) / 2), names((total - shared) / 2, total));
    expect(Math.abs(found - total)).toBeLessThan(total / 12);
  });

  test.each([1, 100, 1_000])('do not make the answer longer: pages of %i', (limit) => {
    const told = sketch(names(0, 50_000), membersSketched(limit)).length * limit;
    expect(told).toBeLessThan(33_000);
    expect(told).toBeGreaterThan(30_000);
  });
});
