import { readFileSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { usageError } from './cli-error.ts';
import type { Io } from './io.ts';
import { parseJson } from './json-text.ts';
import { readServerFile } from './runtime-folder.ts';

const EXTENSIONS = ['ts', 'js', 'mjs', 'json', 'yaml', 'yml'] as const;

/**
 * The configuration file of a command: `--config`, RTSERVER_CONFIG, the one that the server of this folder runs with, the
 * one of this folder. Absolute; `undefined` where there is none.
 *
 * @param isForNew for a server to be started, with which one that runs has nothing to do
 */
export function findConfigFile({ cwd, env }: Io, flag: string | undefined, isForNew = false): string | undefined {
  const said = flag ?? (env['RTSERVER_CONFIG'] || undefined);
  if (said !== undefined) {
    const path = resolve(cwd, said);
    if (isFile(path)) return path;
    throw usageError(
      `${flag === undefined ? 'RTSERVER_CONFIG' : '--config'} names a file that is not there: ${path}`,
      'Next: correct the path; `rtserver config init` writes a new file.',
    );
  }
  const running = isForNew ? undefined : readServerFile(cwd)?.config;
  if (running !== undefined && isFile(running)) return running;
  const found = EXTENSIONS.map((extension) => join(cwd, `rtserver.config.${extension}`)).filter(isFile);
  if (found.length < 2) return found[0];
  const names = found.map((path) => basename(path)).join(' and ');
  throw usageError(
    `two configuration files in this folder: ${names}`,
    'Next: keep one of them, or name it with --config.',
  );
}

/**
 * What the file says: settings, and in a program's file also `events`, `modules` and `authenticate`.
 *
 * @param filesRead takes the paths of all that was read, what a program imports included, also where it fails
 */
export async function readConfigFile(path: string, filesRead: Set<string>): Promise<Record<string, unknown>> {
  filesRead.add(path);
  const content = await readContent(path, filesRead);
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    // For editors: where the schema of the file is.
    const { $schema: _schema, ...settings } = content as Record<string, unknown>;
    return settings;
  }
  // An empty YAML file says nothing, which is fine.
  if (content === null && /\.ya?ml$/.test(path)) return {};
  throw usageError(`${path} must ${/\.[mc]?[jt]s$/.test(path) ? 'export an object as its default' : 'hold an object'}`);
}

async function readContent(path: string, filesRead: Set<string>): Promise<unknown> {
  const extension = extname(path).slice(1);
  if (extension === 'json') return parseJson(readText(path), path);
  if (extension === 'yaml' || extension === 'yml') return readYaml(path);
  if (extension === 'ts' || extension === 'js' || extension === 'mjs') return await importProgram(path, filesRead);
  throw usageError(`${path} must end in one of ${EXTENSIONS.map((each) => `.${each}`).join(' ')}`);
}

async function readYaml(path: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(readText(path));
  const [error] = document.errors;
  if (error === undefined) return document.toJS() as unknown;
  const [start] = error.linePos ?? [];
  // Its message goes on with an excerpt of the file, which may hold a secret.
  const [what = ''] = error.message.split(/ at line |\n/);
  throw usageError(`${path} is not valid YAML: line ${start?.line}, column ${start?.col}: ${what}`, [], {
    cause: error,
  });
}

async function importProgram(path: string, filesRead: Set<string>): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const compiler = createJiti(path, { fsCache: false });
  const jiti = createJiti(path, {
    transform(options) {
      if (options.filename !== undefined) filesRead.add(options.filename);
      return { code: compiler.transform(options) };
    },
    moduleCache: false,
    fsCache: false,
    // This very package: the file works without it being installed beside it, and `realtime` is the one of this server.
    virtualModules: { rtserver: await import('../index.ts'), 'rtserver/client': await import('../client/index.ts') },
  });
  try {
    return await jiti.import(path, { default: true });
  } catch (cause) {
    throw usageError(`${path} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, [], {
      cause,
    });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw usageError(`the configuration file cannot be read: ${(cause as Error).message}`, [], { cause });
  }
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
