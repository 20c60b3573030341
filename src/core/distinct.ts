/**
 * The smallest hashes of a set of names, in order: what nodes tell each other so that a name which several of them have
 * counts once, however many there are.
 */
export type Sketch = readonly number[];

const HASHES = 2 ** 32;

export function sketch(names: Iterable<string>, size: number): Sketch {
  const hashes = new Set<number>();
  for (const name of names) hashes.add(hash(name));
  // Of its own type: numbers in an array are sorted ten times slower.
  return [...Uint32Array.from(hashes).sort().subarray(0, size)];
}

/** A set of names, as it travels. */
export interface SketchedSet {
  /** How many there are. */
  users: number;
  members: Sketch;
}

/** So many hashes are in one answer at most, however many rooms are on the page and however many users in a room. */
const HASHES_MAX = 32_768;

/** How many of the members of each room on a page of this size are told. */
export const membersSketched = (limit: number): number => Math.floor(HASHES_MAX / limit);

/**
 * How many different names there are in all sets together. Exact where they are no more than `size`, and where no name is in
 * two sets; otherwise within a few per cent.
 */
export function countUnion(sets: readonly SketchedSet[], size: number): number {
  const hashes = sets.flatMap(({ members }) => members);
  const smallest = smallestOf(hashes, size);
  const last = smallest.at(-1);
  if (last === undefined) return 0;
  // Every set that has one of these names has told it: the sample says in how many sets a name is.
  const times = hashes.filter((each) => each <= last).length / smallest.length;
  return Math.round(sets.reduce((sum, { users }) => sum + users, 0) / times);
}

const smallestOf = (hashes: readonly number[], size: number) =>
  [...new Set(hashes)].sort((a, b) => a - b).slice(0, size);

/** How many different names there are in all sets together: exact below `size`, within a few per cent above. */
export function countDistinct(sketches: readonly Sketch[], size: number): number {
  const smallest = smallestOf(sketches.flat(), size);
  const last = smallest.at(-1);
  if (last === undefined || smallest.length < size) return smallest.length;
  return Math.round((size - 1) / ((last + 1) / HASHES));
}

/** FNV-1a, its bits mixed once more: names that differ in their last letter only must lie far apart. */
function hash(name: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) value = Math.imul(value ^ name.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
