import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { cleanEnv } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The examples in a project of their own, with the built package installed. */
function copyExamples(): string {
  const folder = tempFolder();
  const isWanted = (path: string) => !path.endsWith('tsconfig.json'); // it names the sources of this repository
  cpSync(join(root, 'examples'), folder, { recursive: true, filter: isWanted });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  for (const [target, name] of [
    ['.', 'rtserver'],
    ['node_modules/zod', 'zod'],
    ['node_modules/vitest', 'vitest'],
  ] as const) {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(root, target), path);
  }
  return folder;
}

test.for([
  ['vitest', ['node_modules/vitest/vitest.mjs', 'run'], /Tests .*3 passed/],
  ['node:test', ['--test'], /pass 2\n.*fail 0/s],
] as const)('of the examples %s finds its own, and they pass', async ([, args, summary]) => {
  const env = { ...cleanEnv(), NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: copyExamples(), env });
  expect(stdout).toMatch(summary);
});
