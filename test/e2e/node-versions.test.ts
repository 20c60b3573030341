import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { isCi } from '../support/closing-line-reporter.ts';
import { cleanEnv, tempFolder } from '../support/run-cli.ts';

const SMOKE = fileURLToPath(new URL('./smoke.js', import.meta.url));
const run = promisify(execFile);

/** The registry's newest of these; `undefined` where it has none. A developer may be offline, CI is not. */
async function findVersion(range: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('npm', ['view', `node@${range}`, 'version', '--json'], { env: cleanEnv() });
    if (stdout.trim() === '') return undefined;
    const byNumber = new Intl.Collator('en', { numeric: true }).compare;
    return [JSON.parse(stdout) as string | string[]].flat().sort(byNumber).at(-1);
  } catch (error) {
    if (isCi(process.env) && !String(error).includes('E404')) throw error;
    return undefined;
  }
}

// The oldest that is promised, what follows it, and the newest there is.
test.for(['20.19', '22', '24', 'latest'])(
  'the first minute works with Node %s',
  { timeout: 300_000 },
  async (range, { skip }) => {
    const version = await findVersion(range);
    if (version === undefined) return skip(`the registry has no node@${range}, or cannot be reached`);
    const { stdout } = await run('npx', ['-y', `node@${version}`, SMOKE], { cwd: tempFolder(), env: cleanEnv() });
    expect(stdout).toContain(`v${version}: all is well`);
  },
);
