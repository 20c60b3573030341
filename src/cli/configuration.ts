import { dirname, resolve } from 'node:path';
import { didYouMean } from '../contract/did-you-mean.ts';
import { RtError } from '../contract/errors.ts';
import type { EmbeddingOptions } from '../options.ts';
import type { SettingIssue } from '../settings.ts';
import type { ResolvedSettings } from '../settings-schema.ts';
import { usageError } from './cli-error.ts';
import { findConfigFile, readConfigFile } from './config-file.ts';
import type { Context } from './context.ts';
import { EMBEDDING_KEYS, takeEmbedding } from './embedding.ts';
import { readEnvironment } from './environment.ts';
import { readSecret } from './secrets.ts';

/** A setting that a flag gives. */
export interface FlagSetting {
  key: string;
  flag: string;
  value: unknown;
}

/** The configuration of a command, checked, and where each value came from. */
export interface Configuration {
  settings: ResolvedSettings;
  /** What only a configuration file that is a program can say. */
  embedding: EmbeddingOptions;
  /** Absolute. */
  file: string | undefined;
  /** Where a key was said, in words for messages; `undefined` for a default. */
  sourceOf(key: string): string | undefined;
}

export interface ConfigurationRequest {
  /** `--config` */
  config?: string | undefined;
  flags: readonly FlagSetting[];
  isForNew?: boolean;
  filesRead?: Set<string>;
}

/** Files: relative to the file that names them, else to the folder. */
const PATH_KEYS = ['state.file', 'tls.cert', 'tls.key'] as const;
/** Said as a value, `@file` or `env:NAME`. */
const SECRET_KEYS = ['auth.secret', 'auth.previousSecret', 'auth.publicKey'] as const;

/**
 * Flags over environment over file over defaults, through the one gate.
 *
 * @param options.isForNew for a server to be started: not the file of one that runs
 * @param options.filesRead takes the paths of the files that were read, also where it fails
 */
export async function resolveConfiguration(
  { io, output }: Context,
  { config, flags, isForNew, filesRead = new Set() }: ConfigurationRequest,
): Promise<Configuration> {
  const { resolveSettings, SETTING_KEYS } = await import('../settings.ts');
  const file = findConfigFile(io, config, isForNew);
  output.detail(`configuration: ${file ?? 'no file'}`);
  const input = file === undefined ? {} : cloneSettings(await readConfigFile(file, filesRead));
  const embedding = takeEmbedding(input, file);
  const environment = readEnvironment(io.env, SETTING_KEYS);
  const sources = new Map<string, string>();
  for (const { key, name, value } of environment.settings) set(key, name, value);
  for (const { key, flag, value } of flags) if (value !== undefined) set(key, flag, value);
  for (const name of environment.unknown)
    output.problem(`warning: the environment variable ${name} is not one of rtserver's`);

  function set(key: string, source: string, value: unknown): void {
    setAt(input, key.split('.'), value);
    sources.set(key, source);
  }
  const sourceOf = (key: string) =>
    pathsTo(key)
      .map((path) => sources.get(path))
      .find(Boolean) ?? (getAt(input, key.split('.')) === undefined ? undefined : file);

  const folderOf = (key: string) => (sources.has(key) || file === undefined ? io.cwd : dirname(file));
  for (const key of PATH_KEYS) {
    const said = getAt(input, key.split('.'));
    if (typeof said === 'string' && said !== '')
      setAt(input, key.split('.'), resolve(folderOf(key), said.replace(/^@/, '')));
  }
  for (const key of SECRET_KEYS) {
    const said = getAt(input, key.split('.'));
    if (typeof said !== 'string' || said === '') continue;
    const folder = folderOf(key);
    const { value, from } = readSecret(said, sources.get(key) ?? `${key} in ${file}`, folder, io.env);
    set(key, from, value);
  }

  try {
    return { settings: resolveSettings(input), embedding, file, sourceOf };
  } catch (error) {
    const issues = error instanceof RtError ? (error.detail['issues'] as SettingIssue[] | undefined) : undefined;
    if (issues === undefined) throw error;
    throw usageError(issues.map((issue) => describe(issue, sourceOf(issue.key) ?? file)).join('\n'), [], {
      cause: error,
    });
  }
}

function describe({ key, value, message }: SettingIssue, source: string | undefined): string {
  const got = value === undefined ? '' : `, got ${JSON.stringify(value)}`;
  // The gate does not know the keys that only a program can give.
  const hint = message === 'is not a known key.' ? didYouMean(key, EMBEDDING_KEYS) : '';
  const line = `${source === undefined ? '' : `${source}: `}${key} ${message}${hint}${got}`;
  if (source !== 'RTSERVER_PORT' || !String(value).includes('://')) return line;
  return `${line}\nKubernetes sets RTSERVER_PORT for a service named rtserver: set enableServiceLinks: false in the pod.`;
}

type Tree = Record<string, unknown>;

/** Settings that can be written to; anything but plain objects (schemas, functions, lists) is kept as it is. */
function cloneSettings(tree: Tree): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [
      key,
      isTree(value) && !isEmbedding(key) ? cloneSettings(value) : value,
    ]),
  );
}

const isEmbedding = (key: string) => (EMBEDDING_KEYS as readonly string[]).includes(key);

function isTree(value: unknown): value is Tree {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** `cors.origins.0`, `cors.origins`, `cors`: an item of a list was said by whoever said the list. */
function pathsTo(key: string): string[] {
  const steps = key.split('.');
  return steps.map((_, index) => steps.slice(0, steps.length - index).join('.'));
}

function getAt(tree: Tree, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => (isTree(at) ? at[step] : undefined), tree);
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    tree[first] = value;
    return;
  }
  // What is no object here is a mistake that the gate names; it must not be papered over.
  if (tree[first] === undefined) tree[first] = {};
  if (isTree(tree[first])) setAt(tree[first], rest, value);
}
