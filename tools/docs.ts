import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDocuments } from './documents.ts';

/** `npm run docs`: writes every document that is made from code. */
const root = fileURLToPath(new URL('..', import.meta.url));
for (const [path, text] of await createDocuments()) writeFileSync(join(root, path), text);
