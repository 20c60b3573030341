import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createDocuments } from '../tools/documents.ts';

test.for([...(await createDocuments())])('%s is what the code says; otherwise: npm run docs', ([path, text]) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text);
});
