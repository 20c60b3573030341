import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCli, tempFolder } from './support/run-cli.ts';

const bin = fileURLToPath(new URL('../tools/build-clone.js', import.meta.url));

/** A clone whose build leaves a new `dist`. */
function createClone({ hasTypeScript, isBuilt }: { hasTypeScript: boolean; isBuilt: boolean }) {
  const cwd = tempFolder();
  const build =
    "node -e \"fs.rmSync('dist',{recursive:true,force:true});fs.mkdirSync('dist');fs.writeFileSync('dist/new','')\"";
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { build } }));
  if (hasTypeScript) mkdirSync(join(cwd, 'node_modules/typescript'), { recursive: true });
  if (isBuilt) mkdirSync(join(cwd, 'dist'));
  return { cwd, isNew: () => existsSync(join(cwd, 'dist/new')), isThere: () => existsSync(join(cwd, 'dist')) };
}

test('a clone is built, anew too', async () => {
  for (const isBuilt of [false, true]) {
    const clone = createClone({ hasTypeScript: true, isBuilt });
    expect((await runCli([], { bin, cwd: clone.cwd })).code).toBe(0);
    expect(clone.isNew()).toBe(true);
  }
});

test('what was built stays when the development dependencies go', async () => {
  const clone = createClone({ hasTypeScript: false, isBuilt: true });
  expect(await runCli([], { bin, cwd: clone.cwd })).toMatchObject({ code: 0, stderr: '' });
  expect(clone.isThere()).toBe(true);
});

test('what cannot be built is said', async () => {
  const { cwd } = createClone({ hasTypeScript: false, isBuilt: false });
  expect(await runCli([], { bin, cwd })).toMatchObject({ code: 0, stderr: expect.stringContaining('Next: npm ci') });
});
