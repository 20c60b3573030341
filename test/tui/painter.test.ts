import { expect, test } from 'vitest';
import { toClipboard } from '../../src/tui/clipboard.ts';
import { createPainter } from '../../src/tui/painter.ts';

function open(columns = 20, rows = 4) {
  const size = { columns, rows };
  const written: string[] = [];
  const painter = createPainter(
    (text) => void written.push(text),
    () => size,
  );
  /** What was written since the last time. */
  const take = () => written.splice(0).join('');
  take();
  return { painter, take, size };
}

test('writes only the lines that changed', () => {
  const { painter, take } = open();
  painter.paint('one\ntwo\nthree');
  expect(take()).toContain('two');
  painter.paint('one\nTWO\nthree');
  const second = take();
  expect(second).toContain('\x1b[2;1HTWO');
  expect(second).not.toContain('one');
  expect(second).not.toContain('three');
  painter.paint('one\nTWO\nthree');
  expect(take()).toBe('');
});

test('erases lines that are there no more', () => {
  const { painter, take } = open();
  painter.paint('one\ntwo');
  take();
  painter.paint('one');
  expect(take()).toContain('\x1b[2;1H\x1b[0m\x1b[K');
});

test('leaves the last character of a full line where it is', () => {
  const { painter, take } = open(5);
  painter.paint('\x1b[1m12345\x1b[22m');
  expect(take()).not.toContain('\x1b[K');
  painter.paint('王小明'.slice(0, 2));
  expect(take()).toContain('\x1b[K');
});

test('never writes below the screen', () => {
  const { painter, take } = open(20, 2);
  painter.paint('one\ntwo\nthree');
  expect(take()).not.toContain('three');
});

test('after a resize everything is written again, on a clean screen', () => {
  const { painter, take, size } = open();
  painter.paint('one\ntwo');
  take();
  size.columns = 10;
  painter.resize();
  expect(take()).toMatch(/\[2J.*one.*two/s);
});

test('ends right-to-left text before the columns after it', () => {
  const { painter, take } = open();
  painter.paint('דוד  12  34');
  expect(take()).toContain('דוד\u200e  12');
});

test('gives screen, cursor and wrapping back, once', () => {
  const { painter, take } = open();
  painter.close();
  const last = take();
  for (const sequence of ['\x1b[?1049l', '\x1b[?25h', '\x1b[?7h']) expect(last).toContain(sequence);
  painter.close();
  painter.paint('late');
  painter.resize();
  expect(take()).toBe('');
});

test('the clipboard gets text that no terminal can misread', () => {
  expect(toClipboard('a\x07b')).toBe('\x1b]52;c;YQdi\x07');
});
