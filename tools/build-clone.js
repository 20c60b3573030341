// npm's script `dependencies`: builds a clone after each change of node_modules. Not where TypeScript has just been left out
// (`npm prune --omit=dev`, as before a deployment): what was built before is then what is wanted.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (existsSync('node_modules/typescript')) {
  process.exitCode = spawnSync('npm run build', { shell: true, stdio: 'inherit' }).status ?? 1;
} else if (!existsSync('dist')) {
  console.error('rtserver is not built, since TypeScript is not installed. Next: npm ci (without --omit=dev).');
}
