import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createDocuments } from '../tools/documents.ts';
import { isToolMissing } from './support/external-tool.ts';
import { playDocument } from './support/play-transcript.ts';
import { anchorsOf, linksOf } from './support/readme-facts.ts';
import { parseTranscript } from './support/transcript.ts';

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

test.for(pages)('%s links to files, and parts of them, that there are', (page) => {
  for (const { target, fragment } of linksOf(read(page))) {
    const path = target === '' ? page : join(dirname(page), target);
    expect(existsSync(join(root, path)), target).toBe(true);
    if (fragment !== undefined) expect(anchorsOf(read(path)), target).toContain(fragment);
  }
});

test('the index of the documentation has every page of it', () => {
  const listed = linksOf(read('docs/README.md')).map(({ target }) => target);
  for (const page of readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md')) {
    expect(listed).toContain(page);
  }
});

interface SchemaNode {
  anyOf?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
}

/** The keys of a step, those of what it nests included; what is the same everywhere is described elsewhere. */
function keysOf({ anyOf = [], properties = {} }: SchemaNode): string[] {
  const own = Object.entries(properties).filter(([key]) => key !== 'as');
  const isOfItsOwn = (key: string) => key !== 'to' && key !== 'except';
  const nested = own.flatMap(([key, node]) => (isOfItsOwn(key) ? keysOf(node) : []));
  return [...new Set([...own.map(([key]) => key), ...nested, ...anyOf.flatMap(keysOf)])];
}

/** Steps and keys that the table of a page leaves out. */
function missingSteps(page: string): string[] {
  const { $defs } = JSON.parse(read('scenarios/schema.json')) as {
    $defs: { step: { anyOf: (SchemaNode & { enum?: string[]; required?: string[] })[] } };
  };
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  return $defs.step.anyOf.flatMap(({ enum: words = [], required: [name] = [], properties = {} }) => {
    const { [name ?? '']: body = {}, as: _as, name: _name, ...beside } = properties;
    const keys = name === undefined ? [] : [...keysOf(body), ...Object.keys(beside)];
    return [...words, ...(name === undefined ? [] : [name])].flatMap((step) => {
      const row = rows.find((line) => new RegExp(`\`${step}\\b`).test(line.split(' | ')[0] ?? ''));
      if (row === undefined) return [step];
      return keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(row)).map((key) => `${step}.${key}`);
    });
  });
}

test('the page on load scenarios has every step, with every key of it', () => {
  const page = read('docs/load-scenarios.md');
  expect(missingSteps(page)).toEqual([]);
  expect(missingSteps(page.replace('`cohort:', '`cohorts:').replaceAll('notBefore', 'before'))).toEqual([
    ...['closed.notBefore', 'cohort'],
  ]);
});

/** What an entry point offers, by the names under which it does. */
const exportsOf = (source: string) =>
  [...source.matchAll(/^export (?:type )?\{(?<names>[^}]*)\}/gm)].flatMap(({ groups }) =>
    (groups?.['names'] ?? '').split(',').flatMap((name) => /(?<name>\w+)\s*$/.exec(name)?.groups?.['name'] ?? []),
  );

const library = read('docs/library.md');
const isNamed = (page: string, name: string) => new RegExp(`\\b${name}\\b`).test(page);

test.for(['src/index.ts', 'src/client/index.ts', 'src/testing/index.ts'])(
  'the page on the library names what %s exports',
  (path) => {
    const names = exportsOf(read(path));
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !isNamed(library, name))).toEqual([]);
  },
);

test('an export that the page on the library leaves out is found', () => {
  expect(exportsOf("export { a, type B as C } from 'x';\nexport type {\n  D,\n} from 'y';")).toEqual(['a', 'C', 'D']);
  expect(isNamed(library.replaceAll('createAdminClient', 'connect'), 'createAdminClient')).toBe(false);
});

describe.skipIf(isToolMissing('tmux'))('in a terminal', () => {
  const played = pages.filter((page) => page !== 'README.md' && parseTranscript(read(page)).length > 0);

  test.for(played)('the commands of %s do what it shows', { timeout: 600_000 }, async (page) => {
    await playDocument(read(page));
  });

  test('are those of every page that tells its reader what to do', () => {
    const pages = ['first-five-minutes', 'events', 'library', 'load-scenarios', 'migrating'].map(
      (name) => `docs/${name}.md`,
    );
    expect(played).toEqual(expect.arrayContaining(pages));
  });
});
