import { readFileSync, type Stats, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { describeFileTrouble } from '../contract/file-trouble.ts';
import { usageError } from './cli-error.ts';
import { importConfiguration } from './config-program.ts';
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
    requireFile(path, flag === undefined ? 'RTSERVER_CONFIG' : '--config');
    return path;
  }
  const running = isForNew ? undefined : readServerFile(cwd)?.config;
  if (running !== undefined && isFile(running)) return running;
  const found = findIn(cwd);
  if (found.length < 2) return found[0];
  const names = found.map((path) => basename(path)).join(' and ');
  throw usageError(
    `two configuration files in this folder: ${names}`,
    'Next: keep one of them, or name it with --config.',
  );
}

const findIn = (folder: string) =>
  EXTENSIONS.map((extension) => join(folder, `rtserver.config.${extension}`)).filter(isFile);

/** @throws CliError for what can be no configuration file */
function requireFile(path: string, said: string): void {
  const stats = statOf(path);
  if (stats instanceof Error || stats === undefined) {
    const why =
      stats === undefined ? 'a file that is not there' : `what cannot be read (${describeFileTrouble(stats)})`;
    throw usageError(
      `${said} names ${why}: ${path}`,
      'Next: correct the path; `rtserver config init` writes a new file.',
    );
  }
  if (stats.isFile()) return;
  const [inside] = findIn(path);
  throw usageError(
    `${said} names ${stats.isDirectory() ? 'a folder' : 'a device or a pipe'}, and no file: ${path}`,
    inside === undefined
      ? 'Next: name a file; `rtserver config init` writes a new one.'
      : `Next: name the file in it: ${inside}`,
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
  throw usageError(`${path} must ${/\.m?[jt]s$/.test(path) ? 'export an object as its default' : 'hold an object'}`);
}

async function readContent(path: string, filesRead: Set<string>): Promise<unknown> {
  const extension = extname(path).slice(1);
  if (extension === 'json') return parseJson(readText(path), path);
  if (extension === 'yaml' || extension === 'yml') return readYaml(path);
  if (extension === 'ts' || extension === 'js' || extension === 'mjs')
    return await importConfiguration(path, filesRead);
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

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw usageError(`${path} cannot be read: ${describeFileTrouble(cause)}`, [], { cause });
  }
}

/** Not all that `stat` refuses is a file that is not there. */
function statOf(path: string): Stats | Error | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return error as Error;
  }
}

function isFile(path: string): boolean {
  const stats = statOf(path);
  return stats !== undefined && !(stats instanceof Error) && stats.isFile();
}
