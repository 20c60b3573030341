import type { LineOfSpans, Tone } from './spans.ts';

/** How a tone looks. */
export interface Style {
  /** One of the sixteen that every terminal has and its user has chosen; none for common text, so that any background does. */
  colour?: keyof typeof COLOUR_CODES;
  isBold?: true;
  isDim?: true;
  isInverse?: true;
}

const COLOUR_CODES = { red: 31, green: 32, magenta: 35, cyan: 36 } as const;

const STYLES: Readonly<Record<Tone, Style>> = {
  plain: {},
  strong: { isBold: true },
  dim: { isDim: true },
  good: { colour: 'green' },
  // Yellow cannot be read on a light background.
  warn: { colour: 'magenta' },
  bad: { colour: 'red', isBold: true },
  accent: { colour: 'cyan' },
  selected: { isInverse: true },
};

/** Without colours, weight alone tells tones apart. */
export function styleOf(tone: Tone, isColoured: boolean): Style {
  const { colour, ...weight } = STYLES[tone];
  return isColoured && colour !== undefined ? { ...weight, colour } : weight;
}

/** A line as a terminal takes it. */
export function toAnsi(line: LineOfSpans, isColoured: boolean): string {
  return line
    .map(({ text, tone = 'plain' }) => {
      const { colour, isBold, isDim, isInverse } = styleOf(tone, isColoured);
      const codes = [isBold && 1, isDim && 2, isInverse && 7, colour && COLOUR_CODES[colour]].filter(Boolean);
      return codes.length === 0 ? text : `\x1b[${codes.join(';')}m${text}\x1b[0m`;
    })
    .join('');
}
