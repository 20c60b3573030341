import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importsOf } from '../support/source-imports.ts';

const ENTRY = fileURLToPath(new URL('../../src/client/index.ts', import.meta.url));

/** Everything that a file imports, and what that imports, as far as it is ours; the names of packages as they are. */
function collect(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { specifier } of importsOf(readFileSync(path, 'utf8')).filter(({ isType }) => !isType)) {
    if (specifier.startsWith('.')) collect(resolve(dirname(path), specifier), seen);
    else seen.add(specifier);
  }
  return seen;
}

test('`rtserver/client` is for browsers too: it imports nothing of Node, and one package', () => {
  const found = [...collect(ENTRY)];
  expect(found).toContain(join(dirname(ENTRY), 'connect.ts'));
  expect(found.filter((each) => !each.startsWith('/'))).toEqual(['socket.io-client']);
});
