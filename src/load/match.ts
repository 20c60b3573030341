import { isMatch } from '../contract/is-match.ts';

/**
 * What a step's `match` asks for: all that it names. Texts `/…/` are patterns.
 *
 * @throws where a pattern cannot be read: here, and not when the first event comes
 */
export function createMatcher(expected: unknown): (seen: unknown) => boolean {
  const patterns = new Map<unknown, RegExp>();
  for (const text of textsIn(expected)) {
    const pattern = readPattern(text);
    if (pattern !== undefined) patterns.set(text, pattern);
  }
  return (seen) =>
    isMatch(seen, expected, (part, wanted) => {
      const pattern = patterns.get(wanted);
      return pattern === undefined ? Object.is(part, wanted) : typeof part === 'string' && pattern.test(part);
    });
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function readPattern(text: string): RegExp | undefined {
  const source = /^\/(.+)\/$/s.exec(text)?.[1];
  try {
    return source === undefined ? undefined : new RegExp(source);
  } catch (cause) {
    throw new TypeError(`${text} is no pattern: ${(cause as Error).message.replace(/^.*\/: /s, '')}`, { cause });
  }
}

const SHOWN_MAX_CHARACTERS = 200;

/** For people: JSON, and never a page of it. */
export function show(value: unknown): string {
  const text = toJson(value) ?? String(value);
  return text.length > SHOWN_MAX_CHARACTERS ? `${text.slice(0, SHOWN_MAX_CHARACTERS)}…` : text;
}

/** A YAML file may hold itself. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
