import { closest, distance } from 'fastest-levenshtein';

/** The candidate that was probably meant, if one is near enough to be worth saying. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const lower = word.toLowerCase();
  const found = closest(
    lower,
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const candidate = candidates.find((each) => each.toLowerCase() === found);
  const near = Math.max(1, Math.floor(Math.max(word.length, found.length) * 0.4));
  return distance(lower, found) <= near || isSwapped(lower, found) ? candidate : undefined;
}

/** Do they differ by two neighbours that have changed places? That is one slip, and two by the distance. */
function isSwapped(word: string, other: string): boolean {
  const at = [...word].findIndex((character, index) => character !== other[index]);
  const swapped = word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2);
  return at >= 0 && swapped === other;
}

/** What to add to a sentence that has ended: ` Did you mean "port"?`, its blank before it, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? '' : ` Did you mean "${candidate}"?`;
}
