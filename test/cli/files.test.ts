import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';
import { runMain } from './run-main.ts';

test.for([
  ['load nosuch', /the scenario nosuch cannot be read: there is no such file\.\nNext: name a file, or one that comes/],
  ['load limit', /the scenario limit cannot be read: there is no such file\. Did you mean "limits"\?\nNext: /],
  ['load .', /the scenario \. cannot be read: it is a folder\.\nNext: /],
  ['load file/x.yml', /x\.yml cannot be read: a part of its path is no folder\.\nNext: /],
  [
    'load limits --report nosuch/x.json',
    /the report nosuch\/x\.json cannot be written: its folder is not there\nNext: /,
  ],
  ['load limits --report file/x.json', /x\.json cannot be written: a part of its path is no folder\nNext: /],
  ['load --compare nosuch.json file', /nosuch\.json cannot be read: there is no such file\nNext: write one/],
  ['load --compare . file', /^error: \. cannot be read: it is a folder\nNext: write one/],
  ['emit --all nosuch.json', /nosuch\.json cannot be read: there is no such file\nNext: name a JSON file/],
  ['emit --all .', /^error: \. cannot be read: it is a folder\nNext: name a JSON file/],
  [
    'check --report nosuch/x',
    /the report nosuch\/x cannot be written: its folder is not there\nNext: name a file in a folder/,
  ],
  [
    'check --url http://127.0.0.1:9 --secret s --log nosuch',
    /--log names a file that cannot be read: there is no such file\nNext: /,
  ],
] as const)('a file that cannot be had is told of in words, with what to type: %s', async ([words, message]) => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'file'), '');
  const { code, stdout, stderr } = await runMain(words.split(' '), { cwd });
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(stderr).not.toMatch(/ENOENT|EISDIR|ENOTDIR/);
});
