/** A key by its name (`up`, `enter`, `ctrl-c`), or text that was typed or pasted. */
export type Key = { name: KeyName; text?: undefined } | { name?: undefined; text: string };

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
  | 'ctrl-c'
  | 'ctrl-d'
  | 'ctrl-f'
  | 'ctrl-b'
  | 'ctrl-u'
  | 'ctrl-w'
  | 'ctrl-l';

/** What Ink says of a key press. */
export interface InkKey {
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageUp: boolean;
  pageDown: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  tab: boolean;
  shift: boolean;
  ctrl: boolean;
  meta: boolean;
  backspace: boolean;
  delete: boolean;
}

const NAMED = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['backspace', 'backspace'],
  // Terminals disagree on which of the two the key left of the digits is.
  ['delete', 'backspace'],
] as const satisfies readonly (readonly [keyof InkKey, KeyName])[];

const WITH_CTRL = ['c', 'd', 'f', 'b', 'u', 'w', 'l'];

/** What a terminal sends for keys that have no sequence of their own, when they come in one piece with others. */
const IN_TEXT: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'ctrl-c',
};

/** The keys of one piece of input: what is typed faster than it is read comes together. */
export function toKeys(input: string, key: InkKey): Key[] {
  const named = NAMED.find(([field]) => key[field]);
  if (named !== undefined) return [{ name: named[1] }];
  if (key.tab) return [{ name: key.shift ? 'shift-tab' : 'tab' }];
  if (key.ctrl) return WITH_CTRL.includes(input) ? [{ name: `ctrl-${input}` as KeyName }] : [];
  // Escape and a key that came right after it look like that key with Alt.
  if (key.meta) return [{ name: 'esc' }, ...(input === '' ? [] : [{ text: input }])];
  return input.split(/(\p{Cc})/u).flatMap((part): Key[] => {
    const name = IN_TEXT[part];
    if (name !== undefined) return [{ name }];
    return part === '' || /\p{Cc}/u.test(part) ? [] : [{ text: part }];
  });
}
