// The first minute, by whatever Node runs this file: `npx -y node@24 test/e2e/smoke.js`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/rtserver.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rtserver-smoke-'));

/** @param {string[]} args */
const start = (...args) => {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, ended: once(child, 'exit') };
};

/** @param {string[]} args @returns {Promise<string>} what it prints; it must succeed */
async function run(...args) {
  const { child, ended } = start(...args);
  const [stdout, [code]] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new Error(`rtserver ${args.join(' ')} ended with ${code}: ${stdout}`);
  return stdout.trim();
}

/** @param {unknown} seen @param {unknown} expected */
function expectSame(seen, expected) {
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error(`expected ${expected}, saw ${seen}`);
}

const DEADLINE_MS = 60_000;

/** @param {() => Promise<boolean>} condition */
async function until(condition) {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) if (Date.now() > deadline) throw new Error(`did not hold: ${condition}`);
}

/** @param {string[]} filter */
const isEmpty = async (...filter) => (await run('ls', 'sockets', ...filter, '--json')) === '{"items":[]}';

// TypeScript, so that the loader of configuration files is part of it.
writeFileSync(join(folder, 'rtserver.config.ts'), 'export default { limits: { connectionsPerUser: 2 as number } };\n');
// A home where nothing can be made.
process.env['XDG_CACHE_HOME'] = '/proc/nowhere';
await run('--version');
Reflect.deleteProperty(process.env, 'XDG_CACHE_HOME');
const server = start('start', '--port', '0');
try {
  for await (const line of createInterface(server.child.stdout)) if (line.includes('server.listening')) break;
  const token = await run('token', '--user', '42');
  const join = start('join', 'protocol:7', '--token', token, '--count', '1', '--json');
  const received = text(join.child.stdout);
  await until(async () => !(await isEmpty('--room', 'protocol:7')));
  const emitted = await run('emit', '--room', 'protocol:7', '--event', 'hello', '--payload', '{"n":1}', '--json');
  expectSame(JSON.parse(emitted).recipients, 1);
  expectSame(JSON.parse(await received).payload, { n: 1 });
  expectSame((await run('ls', 'refusals', '--json')).startsWith('{"items":['), true);
  await run('top', '--once');
  const broken = start('join', 'protocol:7', '--token', token);
  await until(async () => !(await isEmpty()));
  broken.child.kill('SIGKILL');
  await until(isEmpty);
  server.child.kill('SIGTERM');
  expectSame(await server.ended, [0, null]);
  process.stdout.write(`${process.version}: all is well\n`);
} finally {
  server.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
