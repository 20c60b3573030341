import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Artillery {
  bin: string;
  version: string;
  isRecentEnough: boolean;
}

/** The first whose engines and reporters may be ES modules. */
export const OLDEST_ARTILLERY = '2.0.34';

/** Artillery as the folder of the user has it, or else as this package has. `undefined` where neither does. */
export function locateArtillery(cwd: string): Artillery | undefined {
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    try {
      const file = createRequire(from).resolve('artillery/package.json');
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      return { bin: join(dirname(file), 'bin', 'run'), version, isRecentEnough: isAtLeast(version, OLDEST_ARTILLERY) };
    } catch {
      // Not there; perhaps at the next place.
    }
  }
  return undefined;
}

const isAtLeast = (version: string, oldest: string) =>
  version.localeCompare(oldest, 'en', { numeric: true, sensitivity: 'base' }) >= 0;
