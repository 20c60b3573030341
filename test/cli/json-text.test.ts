import fc from 'fast-check';
import { expect, test } from 'vitest';
import { locateJsonError, parseJson } from '../../src/cli/json-text.ts';

test.for([
  ['', 1, 1, 'too early'],
  ['{', 1, 2, 'too early'],
  ['{"a":1', 1, 7, 'too early'],
  ['{\n  a: 1\n}', 2, 3, 'key in double quotes'],
  ['{"a" 1}', 1, 6, 'colon'],
  ['{"a":1,}', 1, 8, 'key in double quotes'],
  ['[1,]', 1, 4, 'a value'],
  ['[1 2]', 1, 4, 'comma or ]'],
  ['{"a":1 "b":2}', 1, 8, 'comma or }'],
  ['{"a":tru}', 1, 6, 'a value'],
  ['{"a":01}', 1, 6, 'a value'],
  ["{'a':1}", 1, 2, 'key in double quotes'],
  ['["a\nb"]', 1, 2, 'string without an end'],
  ['["\\x"]', 1, 3, 'must escape'],
  ['["\t"]', 1, 3, 'must escape'],
  ['{} {}', 1, 4, 'more after the value'],
  ['{"a":[{"b":\n\n]}', 3, 1, 'a value'],
  [`${'['.repeat(100_000)}x`, 1, 100_001, 'a value'],
] as const)('finds where %j stops being JSON', ([text, line, column, problem]) => {
  const found = locateJsonError(text);
  expect(found).toMatchObject({ line, column });
  expect(found.problem).toContain(problem);
});

test('agrees with JSON.parse on any JSON with one character cut out, put in or changed', () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('cut', 'put', 'change'), fc.constantFrom(...'{}[],:"\\0-.etn \n\t'))
    .map(([json, seed, how, character]) => {
      const at = seed % (json.length + 1);
      return json.slice(0, at) + (how === 'cut' ? '' : character) + json.slice(how === 'put' ? at : at + 1);
    });
  fc.assert(
    fc.property(damaged, (text) => {
      let isValid = true;
      try {
        JSON.parse(text);
      } catch {
        isValid = false;
      }
      fc.pre(!isValid);
      const { line, column } = locateJsonError(text);
      const lines = text.split('\n');
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
      // What stands before the place is the beginning of some JSON: only text that JSON.parse takes for cut off.
      const before = [...lines.slice(0, line - 1), lines[line - 1]?.slice(0, column - 1)].join('\n');
      expect(isBeginning(before), `${JSON.stringify(before)} of ${JSON.stringify(text)}`).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

/** Is a text whole, or only too short? */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return ['the text ends too early', 'a string without an end'].includes(locateJsonError(text).problem);
  }
}

test('the message names the source, and a byte order mark is no mistake', () => {
  expect(parseJson('\ufeff{"a":1}', 'x.json')).toEqual({ a: 1 });
  expect(() => parseJson('{"a":}', 'x.json')).toThrow('x.json is not valid JSON: line 1, column 6: expected a value');
});
