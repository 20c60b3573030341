import { expect, test } from 'vitest';
import { printCoverage, type Statements } from '../tools/coverage-table.ts';

/** Statements by line: how often each ran. */
function file(lines: Record<number, number | number[]>): Statements {
  const statements = Object.entries(lines).flatMap(([line, counts]) =>
    [counts].flat().map((count) => ({ line: Number(line), count })),
  );
  return {
    statementMap: Object.fromEntries(statements.map(({ line }, id) => [id, { start: { line } }])),
    s: Object.fromEntries(statements.map(({ count }, id) => [id, count])),
  };
}

test('names the lines that ran in no process, and no others', () => {
  const tests = {
    'src/b.ts': file({ 1: 1, 3: 0, 5: 0, 9: 2, 11: 0, 12: [0, 4] }),
    'src/a.ts': file({ 1: 0, 2: 0 }),
    'src/whole.ts': file({ 1: 0, 2: 3 }),
    'src/types.ts': file({}),
  };
  const commands = { 'src/whole.ts': file({ 1: 1, 2: 0, 7: 0 }), 'src/a.ts': file({ 1: 0, 2: 1 }) };
  expect(printCoverage(tests, commands).split('\n')).toEqual([
    'src/a.ts   50.0 %  1',
    'src/b.ts   50.0 %  3-5, 11',
    '4 files, 2 of them as a whole; 60.0 % of 10 lines',
    '',
  ]);
});
