/** A key by its name (`up`, `enter`, `ctrl-c`), or text that was typed or pasted. */
export type Key =
  | { name: KeyName; text?: undefined; isPasted?: undefined }
  | { name?: undefined; text: string; isPasted?: true };

export type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageup'
  | 'pagedown'
  | 'home'
  | 'end'
  | 'enter'
  | 'esc'
  | 'tab'
  | 'shift-tab'
  | 'backspace'
  | 'ctrl-b'
  | 'ctrl-c'
  | 'ctrl-d'
  | 'ctrl-f'
  | 'ctrl-l'
  | 'ctrl-u'
  | 'ctrl-w'
  | 'ctrl-z';

/** What a terminal sends for keys that are one character. */
const CONTROLS: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  // Terminals disagree on which of the two the key left of the digits is.
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x02': 'ctrl-b',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
  '\x06': 'ctrl-f',
  '\f': 'ctrl-l',
  '\x15': 'ctrl-u',
  '\x17': 'ctrl-w',
  '\x1a': 'ctrl-z',
};

/** The last character of an escape sequence; before `~` the number that it begins with. */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  ...{ A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', Z: 'shift-tab' },
  ...{ '1~': 'home', '7~': 'home', '4~': 'end', '8~': 'end', '5~': 'pageup', '6~': 'pagedown' },
};

/** `ESC [ …`, `ESC O x`; `ESC [ [ x` is a function key of the Linux console. */
const SEQUENCE = /^\x1b(?:\[(?<parameters>[0-?]*)[ -/]*(?<last>\[[A-E]|[@-Z\\-~])|O(?<keypad>[@-~]))/;
const BEGUN_SEQUENCE = /^\x1b(?:\[[0-?]*[ -/]*\[?|O)?$/;
const TEXT = /^\P{Cc}+/u;

/** What input begins with: a key (or none, for what nobody asked for), and how many characters it takes. */
export interface Scanned {
  key: Key | undefined;
  length: number;
}

/**
 * Takes the first key off some input.
 *
 * @returns `undefined` where more must come before anybody can tell
 */
export function scanKey(input: string): Scanned | undefined {
  const sequence = SEQUENCE.exec(input);
  if (sequence !== null) {
    const { parameters = '', last, keypad = '' } = sequence.groups ?? {};
    const name =
      keypad === 'M' ? 'enter' : SEQUENCES[last === '~' ? `${Number.parseInt(parameters, 10)}~` : (last ?? keypad)];
    return { key: name && { name }, length: sequence[0].length };
  }
  if (BEGUN_SEQUENCE.test(input)) return undefined;
  if (input.startsWith('\x1b')) return ESCAPE;
  const [text] = TEXT.exec(input) ?? [];
  if (text !== undefined) return { key: { text }, length: text.length };
  const name = CONTROLS[input[0] ?? ''];
  return { key: name && { name }, length: 1 };
}

/** Escape by itself. What comes right after it is a key of its own, though a terminal may mean the two for one with Alt. */
export const ESCAPE: Scanned = { key: { name: 'esc' }, length: 1 };
