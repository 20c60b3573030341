import { widthOf } from '../contract/width.ts';
import { pad, truncate } from './format.ts';

/** What a piece of text is, rather than which colour it has. */
export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'warn' | 'bad' | 'accent' | 'selected';

/** A piece of a line. Its text must be safe. */
export interface Span {
  text: string;
  tone?: Tone;
}

export type LineOfSpans = readonly Span[];

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone });

export function widthOfLine(spans: LineOfSpans): number {
  return spans.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** Cut to a width. */
export function cutLine(spans: LineOfSpans, width: number): LineOfSpans {
  const kept: Span[] = [];
  let left = width;
  for (const each of spans) {
    if (left <= 0) break;
    const text = truncate(each.text, left);
    kept.push({ ...each, text });
    left -= widthOf(text);
  }
  return kept;
}

/** Cut or filled to a width. */
function fillLine(spans: LineOfSpans, width: number): LineOfSpans {
  const cut = cutLine(spans, width);
  const missing = width - widthOfLine(cut);
  return missing > 0 ? [...cut, span(pad('', missing))] : cut;
}

/** Parts side by side, as many of them as there is room for; the first ones matter most. */
export function joinParts(parts: readonly LineOfSpans[], width: number, gap = '   '): LineOfSpans {
  const line: Span[] = [];
  let used = 0;
  for (const [at, each] of parts.entries()) {
    const part = at === 0 ? cutLine(each, width) : each;
    const needed = widthOfLine(part) + (used === 0 ? 0 : gap.length);
    if (used + needed > width) continue;
    if (used > 0) line.push(span(gap));
    line.push(...part);
    used += needed;
  }
  return line;
}

/** One part at the left and one at the right edge. The left one gives way. */
export function spreadLine(left: LineOfSpans, right: LineOfSpans, width: number): LineOfSpans {
  const room = width - widthOfLine(right) - 1;
  return room < 1 ? cutLine(right, width) : [...fillLine(left, room), span(' '), ...right];
}

/** Exactly so many lines: cut, or filled with empty ones. */
export function fillDown(lines: readonly LineOfSpans[], height: number): LineOfSpans[] {
  const kept = lines.slice(0, height);
  return [...kept, ...Array.from({ length: height - kept.length }, () => EMPTY_LINE)];
}

const EMPTY_LINE: LineOfSpans = [];

export function textOf(spans: LineOfSpans): string {
  return spans.map(({ text }) => text).join('');
}
