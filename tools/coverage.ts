import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printCoverage, type Statements } from './coverage-table.ts';

/**
 * `npm run coverage`: every test, and what of `src` ran in it: in the process of the tests, as vitest counts, or in one of
 * the commands, servers and workers that they start from `dist`, as Node counts. Those that are killed leave no figures.
 * Takes some gigabytes in `coverage/` meanwhile.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'coverage');
const processes = join(folder, 'processes');

rmSync(folder, { recursive: true, force: true });
// c8 finds the sources by the maps.
run(['tsc', '-p', 'tsconfig.build.json', '--sourceMap']);
const tests = ['vitest', 'run', '--project', 'all', '--coverage', '--coverage.reportsDirectory', join(folder, 'tests')];
const code = run([...tests, ...process.argv.slice(2)], { NODE_V8_COVERAGE: processes });
const report = [
  'c8',
  'report',
  '--temp-directory',
  processes,
  '--exclude-after-remap',
  '--include',
  'src/**',
  '--merge-async',
];
run([...report, '--reporter', 'json', '--reports-dir', join(folder, 'commands')]);
rmSync(processes, { recursive: true });

const [inTests, inCommands] = ['tests', 'commands'].map((name) => read(join(folder, name, 'coverage-final.json')));
process.stdout.write(printCoverage(inTests ?? {}, inCommands ?? {}));
process.exitCode = code;

function run([name = '', ...args]: string[], env: NodeJS.ProcessEnv = {}): number {
  const bin = join(root, 'node_modules/.bin', name);
  return spawnSync(bin, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
}

function read(path: string): Record<string, Statements> {
  const files = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Statements>;
  return Object.fromEntries(Object.entries(files).map(([file, statements]) => [relative(root, file), statements]));
}
