/** Does `seen` have all that `expected` names? Objects may have more; lists must be as long; texts `/…/` are patterns. */
export function isMatch(seen: unknown, expected: unknown): boolean {
  if (typeof expected === 'string' && typeof seen === 'string') {
    const pattern = /^\/(.+)\/$/s.exec(expected)?.[1];
    return pattern === undefined ? seen === expected : new RegExp(pattern).test(seen);
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(seen, expected);
  if (Array.isArray(expected)) {
    return (
      Array.isArray(seen) && seen.length === expected.length && expected.every((each, at) => isMatch(seen[at], each))
    );
  }
  if (typeof seen !== 'object' || seen === null) return false;
  return Object.entries(expected).every(([key, value]) => isMatch((seen as Record<string, unknown>)[key], value));
}

const SHOWN_MAX_CHARACTERS = 200;

/** For people: JSON, and never a page of it. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_MAX_CHARACTERS ? `${text.slice(0, SHOWN_MAX_CHARACTERS)}…` : text;
}
