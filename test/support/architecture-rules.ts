import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path/posix';
import { importsOf, maskSource, type SourceImport } from './source-imports.ts';

/** Path from `src/` to source: `core/rooms.ts`. */
export type Sources = ReadonlyMap<string, string>;

interface Row {
  /** Folders of ours. `types:x` allows type imports of `x` alone. The own folder is always allowed. */
  folders: readonly string[];
  /** npm packages: the only ones that may be imported, or the ones that may not. */
  packages: { only: readonly string[] } | { not: readonly string[] };
}

const ANYTHING_OF_OURS = [
  'contract',
  'auth',
  'client',
  'wire',
  'core',
  'backplane',
  'workers',
  'http',
  '.',
  'tui',
  'load',
  'bench',
  'check',
  'probe',
];
const APART: Row = {
  folders: ['contract', 'client', 'wire'],
  packages: { not: ['socket.io', 'express', 'commander'] },
};

/** Who may import whom. `.` stands for the files directly in `src`: `create-server.ts`, `options.ts`, `index.ts`. */
const ROWS: Readonly<Record<string, Row>> = {
  contract: { folders: [], packages: { only: ['@standard-schema/spec', 'fastest-levenshtein', 'string-width'] } },
  auth: {
    folders: ['contract'],
    packages: {
      not: ['socket.io', 'socket.io-client', 'socket.io-adapter', 'engine.io', 'ws', 'express', 'commander'],
    },
  },
  client: { folders: ['contract'], packages: { only: ['socket.io-client', '@standard-schema/spec'] } },
  wire: { folders: ['contract'], packages: { only: ['ws', 'socket.io-parser', 'engine.io-parser'] } },
  core: {
    folders: ['contract', 'auth'],
    packages: {
      only: ['socket.io', 'socket.io-adapter', 'socket.io-parser', 'engine.io', 'ws', '@standard-schema/spec'],
    },
  },
  backplane: {
    folders: ['contract'],
    packages: { only: ['ioredis', 'redis', '@redis/client', '@socket.io/redis-adapter', 'socket.io-adapter'] },
  },
  workers: {
    folders: ['contract', 'types:http'],
    packages: { only: ['socket.io-adapter', 'socket.io-parser'] },
  },
  http: {
    folders: ['contract', 'auth', 'types:core'],
    packages: { not: ['socket.io', 'socket.io-client', 'socket.io-adapter', 'engine.io', 'ws', 'commander'] },
  },
  '.': {
    folders: ['contract', 'auth', 'core', 'http', 'backplane', 'types:workers'],
    packages: {
      not: ['ioredis', 'redis', '@redis/client', '@socket.io/redis-adapter', 'commander', 'socket.io-client'],
    },
  },
  testing: {
    folders: ['contract', 'auth', 'client', '.'],
    packages: { only: ['socket.io-client'] },
  },
  tui: APART,
  load: APART,
  bench: APART,
  check: APART,
  probe: APART,
  cli: {
    folders: ['contract'],
    packages: { only: ['commander'] },
  },
};

/** What a row allows on top where it costs nothing at start: `import()`, and types, which are erased. */
const AT_NO_COST: Readonly<Record<string, Row>> = {
  cli: { folders: ANYTHING_OF_OURS, packages: { not: [] } },
  '.': { folders: [], packages: { not: [] } },
};

const LINES_MAX = 220;
const EMPTY_NAMES = ['utils', 'util', 'helpers', 'helper', 'types', 'common', 'misc', 'shared'];

export function readSources(root: string): Sources {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => relative(root, join(file.parentPath, file.name))).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** Imports that go where the table has no arrow. */
export function forbiddenArrows(sources: Sources): string[] {
  return flatMapSources(sources, (path, source) => {
    const folder = folderOf(path);
    const row = ROWS[folder];
    if (row === undefined) return [`${path}: the folder ${folder}/ has no row in the table of who may import whom`];
    return importsOf(source).flatMap((each) => {
      const more = each.kind === 'dynamic' || each.isType ? AT_NO_COST[folder] : undefined;
      if (isAllowed(path, row, each) || (more !== undefined && isAllowed(path, more, each))) return [];
      return [`${path}: must not import ${each.isType ? 'types of ' : ''}${each.specifier}`];
    });
  });
}

function isAllowed(path: string, row: Row, { specifier, isType, kind }: SourceImport): boolean {
  if (specifier.startsWith('node:')) return specifier !== 'node:process'; // the global is what other rules look for
  if (specifier.startsWith('.')) {
    const target = resolveImport(path, specifier);
    if (target === '../package.json') return true;
    if (target === 'backplane/redis.ts' && folderOf(path) === '.' && !isType) return kind === 'dynamic';
    const [from, to] = [folderOf(path), folderOf(target)];
    return from === to || row.folders.includes(to) || (isType && row.folders.includes(`types:${to}`));
  }
  const [scopeOrName = '', name = ''] = specifier.split('/');
  const packageName = scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName;
  if (packageName === 'rtserver' || specifier.includes('${')) return false;
  return 'only' in row.packages ? row.packages.only.includes(packageName) : !row.packages.not.includes(packageName);
}

/** Files that import each other in a ring, types and `import()` included. */
export function circles(sources: Sources): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(' -> '));
    if (start >= 0 || done.has(path)) return;
    for (const { specifier } of importsOf(sources.get(path) ?? '')) {
      if (specifier.startsWith('.')) visit(resolveImport(path, specifier), [...trail, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return found;
}

/** Files that are asking for a second noun. */
export function oversizedFiles(sources: Sources): string[] {
  return flatMapSources(sources, (path, source) => {
    const lines = source.trimEnd().split('\n').length;
    return lines > LINES_MAX ? [`${path}: ${lines} lines, more than ${LINES_MAX}`] : [];
  });
}

/** Beside main: a signal that does not wait, and output that nobody takes. */
const MAY_EXIT: ReadonlySet<string> = new Set(['cli/signals.ts', 'cli/abandon-output.ts']);

/** Uses of the process where it is not theirs: `core` has neither process nor console, only `cli` reads the environment. */
export function processUses(sources: Sources): string[] {
  return flatMapSources(sources, (path, source) => {
    const code = maskSource(source);
    const uses = (name: string) =>
      new RegExp(`(?<![\\w$#.])(?:globalThis\\s*\\.\\s*)?${name}\\b(?!\\s*\\??:)`).test(code);
    const reads = (property: string) =>
      new RegExp(`(?<![\\w$#])process\\s*(?:\\?\\.|\\.)\\s*${property}\\b`).test(code) ||
      new RegExp(`\\{[^{}]*\\b${property}\\b[^{}]*\\}\\s*=\\s*process\\b`).test(code);
    const problems: string[] = [];
    if (!MAY_EXIT.has(path) && reads('(?:exit|reallyExit|abort)'))
      problems.push('ends the process: only main decides the exit code');
    if (folderOf(path) !== 'cli' && reads('env')) problems.push('reads the environment: that is for cli alone');
    if (folderOf(path) === 'core' && uses('process')) problems.push('uses process');
    if (folderOf(path) === 'core' && uses('console')) problems.push('uses console');
    return problems.map((problem) => `${path}: ${problem}`);
  });
}

/** Files and folders whose name is not kebab-case, or says nothing. */
export function badNames(sources: Sources): string[] {
  return flatMapSources(sources, (path) =>
    path.split('/').flatMap((part, index, parts) => {
      const isFile = index === parts.length - 1;
      const name = isFile ? part.replace(/\.ts$/, '') : part;
      if (EMPTY_NAMES.includes(name)) return [`${path}: "${name}" names no subject`];
      const isKebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name);
      return isKebab ? [] : [`${path}: "${part}" is not kebab-case${isFile ? ' with .ts' : ''}`];
    }),
  );
}

/** Where a relative import leads, from `src/`. */
function resolveImport(path: string, specifier: string): string {
  return normalize(join(dirname(path), specifier));
}

/** The top folder of a path from `src/`; `.` for a file directly in it, `..` for what lies outside. */
function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '.') : '.';
}

function flatMapSources(sources: Sources, rule: (path: string, source: string) => string[]): string[] {
  return [...sources].flatMap(([path, source]) => rule(path, source));
}
