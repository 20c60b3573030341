import type { SharedTables } from '../contract/cluster.ts';
import { RtError } from '../contract/errors.ts';
import type { RedisConnections } from './redis-connections.ts';

/** A hash for each table, and a mark that says that there is something. */
export function createTables({ commands }: RedisConnections, prefix: string): SharedTables {
  const keyOf = (table: string) => `{${prefix}}:state:${table}`;
  const mark = keyOf('mark');

  return {
    async write(changes) {
      const batch = commands.multi().set(mark, '1');
      for (const { table, key, value } of changes) {
        if (value === null) batch.hdel(keyOf(table), key);
        else batch.hset(keyOf(table), key, value);
      }
      let failure: unknown;
      try {
        failure = (await batch.exec())?.find(([error]) => error !== null)?.[0];
      } catch (error) {
        failure = error;
      }
      if (failure !== undefined)
        throw new RtError('STATE_NOT_SAVED', { reason: 'Redis did not take it' }, { cause: failure });
    },

    async readAll(tables) {
      if ((await commands.exists(mark)) === 0) return undefined;
      const found = await Promise.all(tables.map(async (table) => [table, await commands.hgetall(keyOf(table))]));
      return Object.fromEntries(found);
    },
  };
}
