import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeFileTrouble } from '../contract/file-trouble.ts';
import { usageError } from './cli-error.ts';
import type { Io } from './io.ts';
import { makeRuntimeFolder, runtimePath, writePrivateFile } from './runtime-folder.ts';

/** A secret, and where it came from, in words for a message. */
export interface FoundSecret {
  value: string;
  from: string;
}

/**
 * The text behind a secret or key: a value as it is, `@file`, or `env:NAME`.
 *
 * @param from what says it, for messages: `--secret`, `RTSERVER_SECRET`, a configuration file
 * @param folder what `@file` is relative to
 */
export function readSecret(said: string, from: string, folder: string, env: Io['env']): FoundSecret {
  if (said.startsWith('@'))
    return { value: readSecretFile(resolve(folder, said.slice(1)), from), from: `${from} (${said})` };
  if (!said.startsWith('env:')) return { value: said, from };
  const name = said.slice('env:'.length);
  const value = env[name];
  if (value) return { value, from: `${from} (${said})` };
  throw usageError(
    `${from} says ${said}, but the environment variable ${name} is ${value === '' ? 'empty' : 'not set'}`,
  );
}

function readSecretFile(path: string, from: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw usageError(`${from} names a file that cannot be read: ${path}: ${describeFileTrouble(cause)}`, [], { cause });
  }
  // Editors and `echo` end a file with a line break, which is no part of the secret.
  const value = text.replace(/\r?\n$/, '');
  if (value.trim() === '') throw usageError(`${from} names an empty file: ${path}`);
  return value;
}

const DEV_SECRET = 'secret';
const DEV_SECRET_BYTES = 32;

/** The secret that `start` has made in this folder, if it has. */
export function findDevSecret(cwd: string): FoundSecret | undefined {
  const path = runtimePath(cwd, DEV_SECRET);
  let value: string;
  try {
    value = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw usageError(`the secret of this folder cannot be read: ${message}`, [], { cause: error });
  }
  if (value !== '') return { value, from: `.rtserver/${DEV_SECRET}` };
  throw usageError(
    `the secret of this folder is an empty file: ${path}`,
    `Next: rm ${path}; \`rtserver start\` makes a new one.`,
  );
}

/** The folder's secret, made if it is not there yet. Of two servers that start at once, both get the same. */
export function makeDevSecret(cwd: string): FoundSecret {
  const found = findDevSecret(cwd);
  if (found !== undefined) return found;
  try {
    makeRuntimeFolder(cwd);
    const value = randomBytes(DEV_SECRET_BYTES).toString('base64url');
    writePrivateFile(runtimePath(cwd, DEV_SECRET), `${value}\n`, { once: true });
  } catch (cause) {
    throw usageError(
      `no secret can be made in this folder: ${(cause as Error).message}`,
      'Next: set RTSERVER_SECRET, or pass --secret.',
      {
        cause,
      },
    );
  }
  return findDevSecret(cwd) as FoundSecret;
}
