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
  return distance(lower, found) <= near ? candidate : undefined;
}

/** `. Did you mean "port"?` or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? '' : ` Did you mean "${candidate}"?`;
}
