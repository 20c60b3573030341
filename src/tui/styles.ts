import type { LineOfSpans, Tone } from './spans.ts';

/**
 * Weights (1 bold, 2 dim, 7 inverse), and one of the sixteen colours that every terminal has and its user has chosen; none
 * for common text, so that any background does.
 */
const WEIGHTS: Readonly<Partial<Record<Tone, number>>> = { strong: 1, dim: 2, bad: 1, selected: 7 };
/** Yellow cannot be read on a light background. */
const COLOURS: Readonly<Partial<Record<Tone, number>>> = { good: 32, warn: 35, bad: 31, accent: 36 };

/** A line as a terminal takes it. Without colours, weight alone tells tones apart. */
export function toAnsi(line: LineOfSpans, isColoured: boolean): string {
  return line
    .map(({ text, tone = 'plain' }) => {
      const codes = [WEIGHTS[tone], isColoured && COLOURS[tone]].filter(Boolean);
      return codes.length === 0 ? text : `\x1b[${codes.join(';')}m${text}\x1b[0m`;
    })
    .join('');
}
