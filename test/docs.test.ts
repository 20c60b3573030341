import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createDocuments } from '../tools/documents.ts';
import { relativeLinks } from './support/readme-facts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

test.for([...(await createDocuments())])('%s is what the code says; otherwise: npm run docs', ([path, text]) => {
  expect(read(path)).toBe(text);
});

const pages = ['.', 'docs', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

test.for(pages)('%s links to files that there are', (page) => {
  for (const target of relativeLinks(read(page))) {
    expect(existsSync(join(root, dirname(page), target)), target).toBe(true);
  }
});
