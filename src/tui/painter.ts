import { isOneColumnEach } from '../contract/width.ts';
import { type LineOfSpans, widthOfLine } from './spans.ts';
import type { ScreenSize } from './state.ts';
import { toAnsi } from './styles.ts';

/** Knows what a terminal shows, and what to send it so that it shows something else. Pure text: it writes nothing. */
export interface Painter {
  /** Changes what is shown to these lines. Only those that differ are in it, and nothing below the screen. */
  paint(lines: readonly LineOfSpans[], size: ScreenSize): string;
  /** What stands on the screen is not to be trusted any more. */
  forget(): void;
}

/** A terminal that knows these shows all that is between them at once. */
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];
const CLEAR = '\x1b[0m\x1b[2J';

export function createPainter(isColoured: boolean): Painter {
  let shown: string[] | undefined;

  return {
    paint(lines, { columns, rows }) {
      const wanted = Array.from({ length: rows }, (_, at) => lines[at] ?? []);
      const next = wanted.map((line) => toAnsi(line, isColoured));
      const changes = wanted.flatMap((line, at) =>
        next[at] === (shown === undefined ? '' : shown[at])
          ? []
          : `\x1b[${at + 1};1H${drawn(line, isColoured, columns)}`,
      );
      const before = shown === undefined ? CLEAR : '';
      shown = next;
      return before === '' && changes.length === 0 ? '' : BEGIN + before + changes.join('') + END;
    },
    forget() {
      shown = undefined;
    },
  };
}

/**
 * A line in place of whatever was there. Terminals disagree on how wide some signs are: where there are any, what follows
 * them is placed by its column, and the line is erased first, since between the two something old could remain.
 */
function drawn(line: LineOfSpans, isColoured: boolean, columns: number): string {
  const width = widthOfLine(line);
  if (line.every(({ text }) => isOneColumnEach(text))) {
    // In a line that is full, erasing would take its last character.
    return toAnsi(line, isColoured) + (width < columns ? '\x1b[K' : '');
  }
  let used = 0;
  const pieces = line.map((each) => {
    used += widthOfLine([each]);
    const text = toAnsi([{ ...each, text: guardDirection(each.text) }], isColoured);
    return isOneColumnEach(each.text) || used >= columns ? text : `${text}\x1b[${used + 1}G`;
  });
  return `\x1b[2K${pieces.join('')}`;
}

/**
 * In terminals that reorder right-to-left text, blanks and digits after it would join it, and the columns would change
 * places. A left-to-right mark ends it; it has no width.
 */
function guardDirection(text: string): string {
  return text.replace(/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+/g, '$&\u200e');
}
