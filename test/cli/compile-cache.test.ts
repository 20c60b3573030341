import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, tempFolder } from '../support/run-cli.ts';

const isKept = 'enableCompileCache' in module;

test(`what Node compiles is ${isKept ? 'kept for the user' : 'not kept by this version'}`, async () => {
  const caches = tempFolder();
  expect(await runCli(['--version'], { env: { XDG_CACHE_HOME: caches } })).toMatchObject({ code: 0, stderr: '' });
  const folder = join(caches, 'rtserver');
  expect(existsSync(folder) && readdirSync(folder, { recursive: true }).length > 1).toBe(isKept);
});

test('where nothing can be kept, the command runs all the same', async () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  expect(await runCli(['--version'], { env: { XDG_CACHE_HOME: file } })).toMatchObject({ code: 0, stderr: '' });
});

test('without a home nothing is kept', async () => {
  const cwd = tempFolder();
  expect(await runCli(['--version'], { cwd, env: { HOME: '' } })).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(cwd)).toEqual([]);
});
