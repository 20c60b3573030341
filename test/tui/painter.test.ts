import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { toClipboard } from '../../src/tui/clipboard.ts';
import { mountTop } from '../../src/tui/mount.ts';
import { createPainter } from '../../src/tui/painter.ts';
import { span } from '../../src/tui/spans.ts';

function open(columns = 20, rows = 4) {
  const size = { columns, rows };
  const painter = createPainter(true);
  const paint = (...lines: string[]) =>
    painter.paint(
      lines.map((line) => line.split('|').map((text) => span(text))),
      size,
    );
  return { painter, paint, size };
}

test('sends only the lines that changed', () => {
  const { paint } = open();
  expect(paint('one', 'two', 'three')).toContain('two');
  const second = paint('one', 'TWO', 'three');
  expect(second).toContain('\x1b[2;1HTWO');
  expect(second).not.toContain('one');
  expect(second).not.toContain('three');
  expect(paint('one', 'TWO', 'three')).toBe('');
});

test('a change of colour is a change', () => {
  const { painter, size } = open();
  painter.paint([[span('one')]], size);
  expect(painter.paint([[span('one', 'bad')]], size)).toContain('\x1b[1;31mone');
});

test('erases lines that are there no more', () => {
  const { paint } = open();
  paint('one', 'two');
  expect(paint('one')).toContain('\x1b[2;1H\x1b[K');
});

test('leaves the last character of a full line where it is', () => {
  const { paint } = open(5);
  paint('');
  expect(paint('12345')).not.toContain('\x1b[K');
  expect(paint('1234')).toContain('\x1b[K');
  expect(paint('王小a')).not.toContain('\x1b[K');
});

test('never writes below the screen, nor on one without lines', () => {
  expect(open(20, 2).paint('one', 'two', 'three')).not.toContain('three');
  expect(open(20, 0).paint('one')).not.toContain('one');
});

test('a screen that is not to be trusted is cleaned and written again, within one update', () => {
  const { painter, paint, size } = open();
  paint('one', 'two');
  size.columns = 10;
  painter.forget();
  expect(paint('one', 'two')).toMatch(/^\x1b\[\?2026h[^h]*\[2J.*one.*two.*\x1b\[\?2026l$/s);
});

test('what follows signs of doubtful width is placed by its column, on an empty line', () => {
  const { paint } = open();
  paint('');
  expect(paint('a|王小|b')).toContain('\x1b[1;1H\x1b[2Ka王小\x1b[6Gb');
});

test('ends right-to-left text before the columns after it', () => {
  const { paint } = open();
  expect(paint('דוד  12  34')).toContain('דוד\u200e  12');
});

test('the clipboard gets text that no terminal can misread', () => {
  expect(toClipboard('a\x07b')).toBe('\x1b]52;c;YQdi\x07');
});

test('a dashboard that cannot begin gives the terminal back', async () => {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => void modes.push(isRaw) });
  const stdout = new PassThrough();
  const mounted = mountTop({
    ...{ url: 'http://127.0.0.1:3000', token: () => 'any', signal: new AbortController().signal, isColoured: false },
    ...{ stdin: stdin as unknown as ReadStream, stdout: stdout as unknown as WriteStream },
    watch: () => {
      throw new Error('no watch');
    },
  });
  await expect(mounted).rejects.toThrow('no watch');
  expect(modes).toEqual([true, false]);
  expect(String(stdout.read())).toMatch(/\x1b\[\?1049l$/);
});
