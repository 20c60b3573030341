import type { createAdapter } from '@socket.io/redis-adapter';
import type { Redis } from 'ioredis';
import { RtError } from '../contract/errors.ts';

/** The optional packages, loaded when a cluster is asked for. */
export interface Peers {
  Redis: typeof Redis;
  createAdapter: typeof createAdapter;
}

/** @throws RtError `CONFIG_INVALID` with the command that installs them */
export async function loadPeers(): Promise<Peers> {
  try {
    const [{ Redis }, adapter] = await Promise.all([import('ioredis'), import('@socket.io/redis-adapter')]);
    return { Redis, createAdapter: adapter.createAdapter };
  } catch (cause) {
    const reason =
      'redis.url needs two more packages, which are not installed. Next: npm install ioredis @socket.io/redis-adapter';
    throw new RtError('CONFIG_INVALID', { key: 'redis.url', reason }, { cause });
  }
}
