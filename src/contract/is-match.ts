/**
 * Does `seen` have all that `expected` names? Objects may have more; lists must be as long.
 *
 * @param isSame compares what is neither an object nor a list
 */
export function isMatch(
  seen: unknown,
  expected: unknown,
  isSame: (seen: unknown, expected: unknown) => boolean = Object.is,
): boolean {
  if (typeof expected !== 'object' || expected === null) return isSame(seen, expected);
  if (Array.isArray(expected)) {
    const isAsLong = Array.isArray(seen) && seen.length === expected.length;
    return isAsLong && expected.every((each, at) => isMatch(seen[at], each, isSame));
  }
  if (typeof seen !== 'object' || seen === null) return false;
  return Object.entries(expected).every(([key, value]) =>
    isMatch((seen as Record<string, unknown>)[key], value, isSame),
  );
}
