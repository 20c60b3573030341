import { dirname, resolve } from 'node:path';
import type { EmbeddingOptions } from '../options.ts';
import type { ResolvedSettings } from '../settings-schema.ts';
import { usageError } from './cli-error.ts';
import { findConfigFile, readConfigFile } from './config-file.ts';
import { describeIssues, describeShortDurations, type Sources } from './config-problems.ts';
import type { Context } from './context.ts';
import { EMBEDDING_KEYS, takeEmbedding } from './embedding.ts';
import { readEnvironment } from './environment.ts';
import { readSecret } from './secrets.ts';
import { cloneTree, getAt, pathsTo, setAt } from './settings-tree.ts';

/** A setting that a flag gives. */
export interface FlagSetting {
  key: string;
  flag: string;
  value: unknown;
}

/** The configuration of a command, checked, and where each value came from. */
export interface Configuration extends Sources {
  settings: ResolvedSettings;
  /** What only a configuration file that is a program can say. */
  embedding: EmbeddingOptions;
  /** Why the secret or key of a setting cannot be read, by its key. Nothing but for show. */
  unread: ReadonlyMap<string, string>;
}

export interface ConfigurationRequest {
  /** `--config` */
  config?: string | undefined;
  flags: readonly FlagSetting[];
  isForNew?: boolean;
  isForShow?: boolean;
  filesRead?: Set<string>;
}

/** Files: relative to the file that names them, else to the folder. */
const PATH_KEYS = ['state.file', 'tls.cert', 'tls.key'] as const;
/** Said as a value, `@file` or `env:NAME`. */
const SECRET_KEYS = ['auth.secret', 'auth.previousSecret', 'auth.publicKey'] as const;

/**
 * Flags over environment over file over defaults, through the one gate. All that is wrong is told at once.
 *
 * @param options.isForNew for a server to be started: not the file of one that runs
 * @param options.isForShow for whoever only looks: a secret that cannot be read is told in `unread`, and no error
 * @param options.filesRead takes the paths of the files that were read, also where it fails
 */
export async function resolveConfiguration(
  { io, output }: Context,
  { config, flags, isForNew, isForShow, filesRead = new Set() }: ConfigurationRequest,
): Promise<Configuration> {
  const { checkSettings, SETTING_KEYS } = await import('../settings.ts');
  const file = findConfigFile(io, config, isForNew);
  output.detail(`configuration: ${file ?? 'no file'}`);
  const input = file === undefined ? {} : cloneTree(await readConfigFile(file, filesRead), EMBEDDING_KEYS);
  const problems: string[] = [];
  const embedding = takeEmbedding(input, file, problems);
  const environment = readEnvironment(io.env, SETTING_KEYS);
  problems.push(...environment.problems);
  for (const name of environment.unknown)
    output.problem(`warning: the environment variable ${name} is not one of rtserver's`);

  const said = new Map<string, string>();
  function set(key: string, source: string, value: unknown): void {
    setAt(input, key, value);
    said.set(key, source);
  }
  for (const { key, name, value } of environment.settings) set(key, name, value);
  for (const { key, flag, value } of flags) if (value !== undefined) set(key, flag, value);
  const sourceOf = (key: string) =>
    pathsTo(key)
      .map((path) => said.get(path))
      .find(Boolean) ?? (getAt(input, key) === undefined ? undefined : file);
  const sources = { file, sourceOf };

  const folderOf = (key: string) => (said.has(key) || file === undefined ? io.cwd : dirname(file));
  for (const key of PATH_KEYS) {
    const path = getAt(input, key);
    if (typeof path === 'string' && path !== '') setAt(input, key, resolve(folderOf(key), path.replace(/^@/, '')));
  }
  const unread = new Map<string, string>();
  for (const key of SECRET_KEYS) {
    const secret = getAt(input, key);
    if (typeof secret !== 'string' || secret === '') continue;
    try {
      const { value, from } = readSecret(secret, said.get(key) ?? `${key} in ${file}`, folderOf(key), io.env);
      if (value !== secret) set(key, from, value);
    } catch (error) {
      unread.set(key, (error as Error).message);
    }
  }
  const { settings, issues } = checkSettings(input, EMBEDDING_KEYS);
  if (isForNew)
    for (const text of await describeShortDurations(input, issues, sources)) output.problem(`warning: ${text}`);
  // What nobody could read is neither too short nor anything else.
  problems.push(
    ...(await describeIssues(
      issues.filter(({ key }) => !unread.has(key)),
      sources,
    )),
  );
  if (settings === undefined || problems.length > 0 || (unread.size > 0 && !isForShow))
    throw usageError([...unread.values(), ...problems].join('\n'));
  return { settings, embedding, file, unread, sourceOf };
}
