import { type BuiltServer, startBuiltServer } from '../hardening/built-server.ts';
import type { Redis } from './redis.ts';

/** Two processes of the built program that share a Redis. */
export async function startNodes({ url }: Redis, limits: object = {}): Promise<[BuiltServer, BuiltServer]> {
  const settings = { redis: { url }, limits, shutdown: { spread: 0 } };
  return Promise.all([startBuiltServer(settings), startBuiltServer(settings)]);
}
