import { randomUUID } from 'node:crypto';
import type { SharedTables } from '../contract/cluster.ts';
import { RtError } from '../contract/errors.ts';
import type { RedisConnections } from './redis-connections.ts';

export interface RedisTables extends SharedTables {
  /** Called when Redis has lost what it held, or holds something else. */
  onLost(listener: () => void): void;
  close(): void;
}

const LOOK_MS = 2_000;

/** A hash for each table, and a mark that says that there is something, and that it is still the same. */
export function createTables({ commands }: RedisConnections, prefix: string): RedisTables {
  const keyOf = (table: string) => `{${prefix}}:state:${table}`;
  const mark = keyOf('mark');
  const lostListeners: (() => void)[] = [];
  /** The mark of what was read or written last. */
  let seen: string | null = null;

  async function look(): Promise<void> {
    if ((await commands.get(mark)) === seen) return;
    for (const listener of lostListeners) listener();
  }

  const looking = setInterval(() => void look().catch(() => {}), LOOK_MS);
  looking.unref();

  return {
    async write(changes) {
      const batch = commands.multi().set(mark, randomUUID(), 'NX');
      for (const { table, key, value } of changes) {
        if (value === null) batch.hdel(keyOf(table), key);
        else batch.hset(keyOf(table), key, value);
      }
      let failure: unknown;
      try {
        const said = (await batch.get(mark).exec()) ?? [];
        failure = said.find(([error]) => error !== null)?.[0];
        if (failure === undefined) seen ??= said.at(-1)?.[1] as string;
      } catch (error) {
        failure = error;
      }
      if (failure !== undefined)
        throw new RtError('STATE_NOT_SAVED', { reason: 'Redis did not take it' }, { cause: failure });
    },

    async readAll(tables) {
      const current = await commands.get(mark);
      const found = await Promise.all(tables.map(async (table) => [table, await commands.hgetall(keyOf(table))]));
      seen = current;
      return Object.fromEntries(found);
    },

    onLost: (listener) => void lostListeners.push(listener),
    close: () => clearInterval(looking),
  };
}
