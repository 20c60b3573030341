/**
 * Text that somebody else chose, made safe for a terminal: control characters, escape sequences and marks that reorder text
 * are shown as `\u{…}` instead of acting.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/**
 * JSON on one line that is safe to print: the C1 control characters, which JSON allows in strings and some terminals obey,
 * are escaped as well.
 */
export function toJsonLine(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
