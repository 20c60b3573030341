import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The machine and the process are in the name: containers may share the folder, and have processes of the same number. */
const OURS = `rtserver-load-${hostname()}-`;

/** A private folder for one run. Those of runs that were killed are removed: a secret is in them. */
export async function createRunFolder(): Promise<string> {
  const parent = tmpdir();
  const stale = readdirSync(parent).filter((name) => isOurs(name) && !isAlive(ownerOf(name)));
  // What belongs to another user stays.
  await Promise.all(stale.map((name) => removeRunFolder(join(parent, name)).catch(() => {})));
  return mkdtempSync(join(parent, `${OURS}${process.pid}-`));
}

export async function removeRunFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** A number and six letters follow, and nothing else: another machine's name may begin like ours. */
const isOurs = (name: string) => name.startsWith(OURS) && /^\d+-[^-]+$/.test(name.slice(OURS.length));
const ownerOf = (name: string) => Number.parseInt(name.slice(OURS.length), 10);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
