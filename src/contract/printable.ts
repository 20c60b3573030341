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

/** Escapes the C0 control characters that terminals obey, all but the end of a line and the tabulator. */
export function escapeControls(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const SHOWN_MAX = 120;

/** The beginning of a text that somebody else chose the length of; the whole of one that has a line's length at most. */
export function shorten(text: string): string {
  if (text.length <= SHOWN_MAX) return text;
  return `${text.slice(0, 80).replace(/[\ud800-\udbff]$/, '')}… (${text.length} characters)`;
}

/** JSON on one line that is safe to print. */
export const toJsonLine = (value: unknown): string => escapeHidden(JSON.stringify(value) ?? 'null');

/**
 * Escapes, as JSON does, what JSON allows in strings and some terminals obey: the C1 control characters, and marks that
 * reorder or hide text.
 */
export function escapeHidden(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
