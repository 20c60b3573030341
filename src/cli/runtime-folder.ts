import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerFile } from '../contract/resources.ts';

/** `.rtserver` in the folder of a project: what `start` leaves there for the other commands. */
export const RUNTIME_FOLDER = '.rtserver';

export const runtimePath = (cwd: string, name: string): string => join(cwd, RUNTIME_FOLDER, name);

/** Makes the folder, for its owner alone and out of reach of `git add`. */
export function makeRuntimeFolder(cwd: string): void {
  mkdirSync(join(cwd, RUNTIME_FOLDER), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(runtimePath(cwd, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Writes a file whole or not at all. With `once`, a file that is there already is left as it is. */
export function writePrivateFile(path: string, text: string, { once = false } = {}): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    if (!once) rmSync(path, { force: true });
    linkSync(draft, path);
  } catch (error) {
    if (!(once && (error as NodeJS.ErrnoException).code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The server that runs in this folder: what its file says, unless its process is gone. */
export function readServerFile(cwd: string): ServerFile | undefined {
  let file: Partial<ServerFile> | null;
  try {
    file = JSON.parse(readFileSync(runtimePath(cwd, 'server.json'), 'utf8')) as Partial<ServerFile> | null;
  } catch {
    return undefined;
  }
  const isWhole = Number.isInteger(file?.pid) && URL.canParse(String(file?.url)) && typeof file?.path === 'string';
  return isWhole && isAlive((file as ServerFile).pid) ? (file as ServerFile) : undefined;
}

/** Removes the file, unless another server has written its own meanwhile. */
export function removeServerFile(cwd: string, { pid, startedAt }: ServerFile): void {
  const current = readServerFile(cwd);
  if (current?.pid === pid && current.startedAt === startedAt) rmSync(runtimePath(cwd, 'server.json'), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
