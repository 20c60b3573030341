import { describe, expect, test } from 'vitest';
import { widthOf } from '../../src/contract/width.ts';
import { age, bar, bytes, count, pad, rate, safe, sparkline, truncate, truncateStart } from '../../src/tui/format.ts';
import { wrap } from '../../src/tui/wrap.ts';

describe('text that somebody else chose', () => {
  test.for([
    ['alice', 'alice'],
    ['a\x1b[2Jb', 'a\\u{1b}[2Jb'],
    ['a\x07\x7f\x9bb', 'a\\u{7}\\u{7f}\\u{9b}b'],
    ['\u202eevil', '\\u{202e}evil'],
    ['a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['a\nb\tc', 'a\\u{a}b\\u{9}c'],
    ['\ud800', '\\u{d800}'],
    ['王小明', '王小明'],
    ['דוד', 'דוד'],
    ['zoe\u0308', 'zoe\u0308'],
    ['\u0301x', '◌\u0301x'],
    ['a\u3000b', 'a b'],
    ['❤\ufe0f', '❤'],
    ['\u115f\u3164', '\\u{115f}\\u{3164}'],
  ] as const)('%j is shown as %j', ([text, shown]) => {
    expect(safe(text)).toBe(shown);
  });

  test('piles up no more marks than a language would', () => {
    expect(safe(`a${'\u0301'.repeat(40)}b`)).toBe(`a${'\u0301'.repeat(3)}b`);
  });
});

describe('a cell is exactly as wide as it should be', () => {
  const texts = [
    '',
    'abc',
    '王小明是个很长的名字',
    'zoe\u0308'.repeat(9),
    'דוד כהן ארוך',
    safe('👩‍💻dev👩‍💻'),
    '🇫🇷🇩🇪🇮🇹',
    '한국어입니다',
  ];
  test.for(texts)('%s', (text) => {
    for (let width = 1; width < 24; width++) {
      expect(widthOf(pad(text, width))).toBe(width);
      expect(widthOf(pad(text, width, 'right'))).toBe(width);
      expect(widthOf(truncate(text, width))).toBeLessThanOrEqual(width);
    }
  });

  test('a wide character is not cut in two', () => {
    expect(truncate('王小明', 4)).toBe('王…');
    expect(pad('王小明', 4)).toBe('王… ');
  });

  test('and a long one is wrapped without losing anything', () => {
    const lines = wrap('王小明 has a long, long id', 7);
    expect(lines).toEqual(['王小明', 'has a', 'long,', 'long id']);
    const id = wrap('f81d4fae-7dec-11d0-a765', 10);
    expect(id.join('')).toBe('f81d4fae-7dec-11d0-a765');
    for (const line of id) expect(widthOf(line)).toBeLessThanOrEqual(10);
  });

  test('nor is one of several parts, wherever a line ends', () => {
    expect(wrap('abc😀def', 4)).toEqual(['abc', '😀de', 'f']);
    expect(wrap('abcde\u0301f', 5)).toEqual(['abcde\u0301', 'f']);
    expect(truncateStart('ze\u0301ro', 3)).toBe('…ro');
    expect(truncateStart('ze\u0301ro', 4)).toBe('ze\u0301ro');
    expect(truncateStart('abe\u0301ro', 4)).toBe('…e\u0301ro');
    expect(truncateStart('a小b', 2)).toBe('…b');
  });
});

test.for([
  [count(0), '0'],
  [count(1_204), '1,204'],
  [count(1_234_567), '1,234,567'],
  [rate(0), '0'],
  [rate(0.4), '0.4'],
  [rate(12.3), '12'],
  [rate(48_000), '48k'],
  [rate(1_200_000), '1.2M'],
  [bytes(812), '812 B'],
  [bytes(4_000), '4.0 kB'],
  [bytes(88_000_000), '88 MB'],
  [age(12_000), '12s'],
  [age(200_000), '3m 20s'],
  [age(7_500_000), '2h 5m'],
  [age(360_000_000), '4d 4h'],
  [age(-5), '0s'],
] as const)('a figure is written %s', ([written, expected]) => {
  expect(written).toBe(expected);
});

test('a bar empties by eighths', () => {
  expect([1, 0.5, 0.1, 0, -1, 2].map((share) => bar(share, 4))).toEqual([
    '████',
    '██  ',
    '▍   ',
    '    ',
    '    ',
    '████',
  ]);
});

test('a sparkline is as wide as asked, its highest value full', () => {
  expect(sparkline([0, 1, 2, 4], 6)).toBe('▁▁▁▃▅█');
  expect(sparkline([9, 0, 0], 2)).toBe('▁▁');
  expect(sparkline([], 3)).toBe('▁▁▁');
});
