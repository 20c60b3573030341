import { widthOf } from '../contract/width.ts';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * Text that somebody else chose, made safe for a terminal: what would act instead of being seen (control characters, escape
 * sequences, marks that reorder or hide text) is shown as `\u{…}`. Letters of all scripts stay as they are.
 */
export function safe(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  const shown = text
    // Variation selectors change a width by what the font makes of it.
    .replace(/[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu, '')
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
    )
    .replace(/[\p{Default_Ignorable_Code_Point}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .replace(/(?<few>\p{M}{3})\p{M}+/gu, '$<few>')
    // Other blanks than the common one have widths of their own.
    .replace(/\p{Zs}/gu, ' ');
  // A mark with nothing before it would join what the screen has there.
  return /^\p{M}/u.test(shown) ? `◌${shown}` : shown;
}

/** Cuts to a number of columns, `…` in place of what is missing. Never cuts a character in two. */
export function truncate(text: string, width: number): string {
  if (width <= 0) return '';
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const cluster of clustersOf(text)) {
    const next = widthOf(cluster);
    if (used + next > width - 1) break;
    kept += cluster;
    used += next;
  }
  return `${kept}…`;
}

/** The end of a text that is too long, `…` in place of what is missing. */
export function truncateStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const cluster of clustersOf(text).reverse()) {
    used += widthOf(cluster);
    if (used > width) break;
    kept = cluster + kept;
  }
  return `…${kept}`;
}

/** What a reader takes for characters: letters with their marks, emoji of several parts. */
export function clustersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Exactly so many columns: cut, or filled with blanks on the side that is free. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = truncate(text, width);
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cut)));
  return align === 'left' ? cut + blanks : blanks + cut;
}

/** `1,204`. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `room`, where there is one of them, else `rooms`. */
export function plural(value: number, noun: string): string {
  return value === 1 ? noun : `${noun}s`;
}

/** `1 room`, `1,204 rooms`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${plural(value, noun)}`;
}

/** A rate that fits a narrow column: `0.4`, `12`, `1,204`, `48k`. */
export function rate(value: number): string {
  if (value === 0) return '0';
  if (value < 10) return value.toFixed(1);
  if (value < 10_000) return count(value);
  return value < 1e6 ? `${Math.round(value / 1_000)}k` : `${(value / 1e6).toFixed(1)}M`;
}

/** `812 B`, `4.0 kB`, `88 MB`. */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  const [unit, size] = value < 1e6 ? ['kB', 1e3] : value < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  const amount = value / size;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
}

/** How long, two units at most: `12s`, `3m 20s`, `2h 5m`, `4d 2h`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `14:03:59`. */
export function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of so many columns, filled to a share between 0 and 1. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const full = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return full.padEnd(width);
}

const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The last values as a line of bars as high as the highest of them; nothing, where there was nothing. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const highest = Math.max(...shown, 0);
  const bars = shown.map((value) =>
    highest === 0 ? '▁' : (HEIGHTS[Math.min(7, Math.ceil((value / highest) * 7))] ?? '▁'),
  );
  return bars.join('').padStart(width, '▁');
}
