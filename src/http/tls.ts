import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { RtError } from '../contract/errors.ts';
import { describeFileTrouble } from '../contract/file-trouble.ts';

/** Paths of the certificate (with its chain) and its key, in PEM. */
export interface TlsFiles {
  cert: string;
  key: string;
}

export function toTlsFiles({ cert, key }: Partial<Record<'cert' | 'key', string | undefined>>): TlsFiles | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

export interface TlsPair {
  cert: Buffer;
  key: Buffer;
}

const LOOK_EVERY_MS = 1_000;

/** @throws RtError `CONFIG_INVALID` for files that cannot be read or do not belong together */
export async function readTlsPair(files: TlsFiles): Promise<TlsPair> {
  // One after the other: of two that are missing it is always the same one that is named.
  const cert = await read('tls.cert', files.cert);
  const key = await read('tls.key', files.key);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const reason = `tls.cert ${files.cert} and tls.key ${files.key}: ${(cause as Error).message}`;
    throw new RtError('CONFIG_INVALID', { key: 'tls.cert', reason }, { cause });
  }
  return { cert, key };
}

async function read(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = `${option} ${path} cannot be read: ${describeFileTrouble(cause)}`;
    throw new RtError('CONFIG_INVALID', { key: option, reason }, { cause });
  }
}

/**
 * Uses a renewed certificate without a restart. The files are looked at by time stamp, which also sees a link that was
 * turned to another folder, as certificate managers do. A pair that does not fit leaves the old one in use: the second of
 * the two files may not be written yet.
 */
export function reloadOnChange(
  server: Server,
  files: TlsFiles,
  onResult: (error?: unknown) => void,
): { close(): void } {
  const reload = () => {
    readTlsPair(files).then(
      (pair) => {
        server.setSecureContext(pair);
        onResult();
      },
      (error: unknown) => onResult(error),
    );
  };
  const paths = [files.cert, files.key];
  for (const path of paths) watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, reload);
  return {
    close() {
      for (const path of paths) unwatchFile(path, reload);
    },
  };
}
