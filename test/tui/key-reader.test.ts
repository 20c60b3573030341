import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createKeyReader } from '../../src/tui/key-reader.ts';
import type { Key } from '../../src/tui/keys.ts';
import { until } from '../support/until.ts';

function open() {
  const taken: Key[][] = [];
  const reader = createKeyReader((keys) => void taken.push([...keys]));
  onTestFinished(reader.close);
  const send = (...pieces: (string | Buffer)[]) => {
    for (const piece of pieces) reader.read(Buffer.from(piece));
  };
  /** Names of the keys until now; text in quotes, pasted text in double ones. */
  const keys = () =>
    taken.flat().map(({ name, text, isPasted }) => name ?? (isPasted ? JSON.stringify(text) : `'${text}'`));
  return { send, keys, taken };
}

test.for([
  ['\x1b[A', 'up'],
  ['\x1bOA', 'up'],
  ['\x1b[1;5B', 'down'],
  ['\x1b[C', 'right'],
  ['\x1bOD', 'left'],
  ['\x1b[H', 'home'],
  ['\x1b[1~', 'home'],
  ['\x1b[7~', 'home'],
  ['\x1bOF', 'end'],
  ['\x1b[4~', 'end'],
  ['\x1b[5~', 'pageup'],
  ['\x1b[6;2~', 'pagedown'],
  ['\x1b[Z', 'shift-tab'],
  ['\x1bOM', 'enter'],
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\x7f', 'backspace'],
  ['\b', 'backspace'],
  ['\x15', 'ctrl-u'],
  ['ж', "'ж'"],
  ['👩‍💻', "'👩‍💻'"],
] as const)('%j is %s', ([sequence, key]) => {
  const { send, keys } = open();
  send(sequence);
  expect(keys()).toEqual([key]);
});

test('what nobody asked for is no key: function keys, reports, the mouse, other control characters', () => {
  const { send, keys } = open();
  send(
    '\x1b[11~',
    '\x1b[[A',
    '\x1bOP',
    '\x1b[?62;22c',
    '\x1b[24;80R',
    '\x1b[<0;3;4M',
    '\x1b[I',
    '\x1b[3~',
    '\0',
    '\u009b',
  );
  expect(keys()).toEqual([]);
});

test('escape alone is told from the beginning of a sequence by the silence after it', async () => {
  const { send, keys } = open();
  send('\x1b');
  expect(keys()).toEqual([]);
  await until(() => keys().length > 0);
  expect(keys()).toEqual(['esc']);
  send('\x1b[');
  await until(() => keys().length > 1);
  expect(keys()).toEqual(['esc', 'esc', "'['"]);
});

test('escape and a key right after it are two keys', () => {
  const { send, keys } = open();
  send('\x1bq', '\x1b\x1b[A', '\x1b\r');
  expect(keys()).toEqual(['esc', "'q'", 'esc', 'up', 'esc', 'enter']);
});

test('keys of one piece come together, text in one', () => {
  const { send, taken } = open();
  send('jj\x1b[B:q\r');
  expect(taken).toEqual([[{ text: 'jj' }, { name: 'down' }, { text: ':q' }, { name: 'enter' }]]);
});

test('pasted text is one line, in which nothing is a key', () => {
  const { send, keys } = open();
  send('a\x1b[200~one\r\ntwo\x1b[Aq\x03\x1b[201~b');
  expect(keys()).toEqual(["'a'", '"one two [Aq "', "'b'"]);
});

test('a paste whose end is lost does not take the keyboard with it', async () => {
  const { send, keys } = open();
  send('\x1b[200~one', '\x1b[20');
  await until(() => keys().length === 2);
  expect(keys()).toEqual(['"one"', '" [20"']);
  send('q');
  expect(keys().at(-1)).toBe("'q'");
});

test('pieces may be cut anywhere, also within a character', () => {
  const parts = fc.constantFrom(
    'a',
    'ж',
    '王',
    '👩‍💻',
    '\x1b[A',
    '\x1bOB',
    '\x1b[6~',
    '\r',
    '\x1b[200~p\rq\x1b[201~',
    '\x7f',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), fc.array(fc.nat(80), { maxLength: 6 }), (sent, cuts) => {
      const bytes = Buffer.from(sent.join(''));
      const [whole, cut] = [open(), open()];
      whole.send(bytes);
      const places = [0, ...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length];
      cut.send(...places.slice(1).map((end, at) => bytes.subarray(places[at], end)));
      const plain = (keys: readonly string[]) => keys.join('').replaceAll("''", '').replaceAll('""', '');
      expect(plain(cut.keys())).toBe(plain(whole.keys()));
    }),
  );
});
