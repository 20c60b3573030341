import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ServerFile } from '../contract/resources.ts';
import { addressOf } from '../contract/server-url.ts';

/** `.rtserver` in the folder of a project: what `start` leaves there for the other commands. */
export const RUNTIME_FOLDER = '.rtserver';

const LOOK_MS = 2_000;

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

/**
 * Removes the file of a server that was killed and whose process id is another program's now, as happens in containers. A
 * server that is only stopping does not listen either, so the program is looked at too, where the system shows it.
 */
export async function dropStaleServerFile(cwd: string): Promise<void> {
  const file = readServerFile(cwd);
  if (file === undefined || isRtserver(file.pid)) return;
  const isFree = await new Promise<boolean>((resolve) => {
    const socket = connect({ ...addressOf(new URL(file.url)), timeout: LOOK_MS });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
    for (const event of ['connect', 'timeout']) socket.on(event, () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy()).on('timeout', () => socket.destroy());
  });
  if (isFree) rmSync(runtimePath(cwd, 'server.json'), { force: true });
}

/** Where the system does not say, it may be one. */
function isRtserver(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('rtserver');
  } catch {
    return true;
  }
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
