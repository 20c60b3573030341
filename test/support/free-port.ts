import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to those who ask for any port: another server of the tests never gets one of these by chance. */
const FIRST = 20_000;
const COUNT = 10_000;
const TRIES = 50;

/** For programs that cannot pick a port themselves. Another process could take it first; the program then says so. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`${TRIES} ports from ${FIRST} on are all taken`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
