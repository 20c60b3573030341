// A Redis of its own for the lanes over Redis: nothing on disk, ended with this process.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

const PROGRAM = 'redis-server';
const READY_MS = 30_000;

/** Without it, the lanes over Redis are left out. */
export const hasRedis = () => spawnSync(PROGRAM, ['--version']).status === 0;

let running;

/** The URL of a Redis that is there for all who ask. */
export function redisUrl() {
  running ??= start();
  return running.then(({ url }) => url);
}

export async function stopRedis() {
  (await running)?.child.kill('SIGKILL');
}

async function start() {
  const port = await freePort();
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(PROGRAM, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  await new Promise((resolve, reject) => {
    setTimeout(reject, READY_MS, new Error('redis-server does not start')).unref();
    child.stdout.on('data', (text) => String(text).includes('Ready to accept') && resolve());
  });
  return { child, url: `redis://127.0.0.1:${port}` };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
