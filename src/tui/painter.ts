import { stripVTControlCharacters } from 'node:util';
import { widthOf } from './format.ts';
import type { ScreenSize } from './state.ts';

/** A terminal's screen, borrowed: whoever opens it gives it back as it was. */
export interface Painter {
  /** Shows a frame. Only lines that changed are written. */
  paint(frame: string): void;
  /** The terminal has another size: what stands there is not to be trusted. */
  resize(): void;
  /** Writes a sequence that shows nothing. */
  send(sequence: string): void;
  /** Gives the screen and the cursor back. Safe twice. */
  close(): void;
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J';
/** In the order that leaves nothing behind: attributes, wrapping, cursor, then the screen from before. */
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
/** A terminal that knows these shows all that is between them at once. */
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];

/**
 * Ink's own renderer moves relative to where it left the cursor, which a resize makes wrong, and it clears the whole screen
 * for each frame that fills it. This one places each line by its number.
 */
export function createPainter(write: (text: string) => void, size: () => ScreenSize): Painter {
  let shown: string[] = [];
  let last = '';
  let isOpen = true;

  write(ENTER);

  function paint(frame: string): void {
    if (!isOpen) return;
    last = frame;
    const { rows, columns } = size();
    const lines = frame.split('\n').slice(0, rows);
    while (lines.length < Math.min(shown.length, rows)) lines.push('');
    const changes = lines.flatMap((line, at) =>
      line === shown[at] ? [] : `\x1b[${at + 1};1H${guardDirection(line)}${endOf(line, columns)}`,
    );
    shown = lines;
    if (changes.length > 0) write(BEGIN + changes.join('') + END);
  }

  return {
    paint,
    resize() {
      if (!isOpen) return;
      shown = [];
      write('\x1b[0m\x1b[2J');
      paint(last);
    },
    send(sequence) {
      if (isOpen) write(sequence);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      write(LEAVE);
    },
  };
}

/** Erases what was there before; in a line that is full, that would take its last character. */
function endOf(line: string, columns: number): string {
  return widthOf(stripVTControlCharacters(line)) < columns ? '\x1b[0m\x1b[K' : '\x1b[0m';
}

/**
 * In terminals that reorder right-to-left text, blanks and digits after it would join it, and the columns would change
 * places. A left-to-right mark ends it; it has no width.
 */
function guardDirection(line: string): string {
  return line.replace(/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+/g, '$&\u200e');
}
