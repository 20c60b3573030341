import { expect, onTestFinished, test } from 'vitest';
import type { RedisConnections } from '../../src/backplane/redis-connections.ts';
import { BEGIN_LEASE, CLAIM, RENEW } from '../../src/backplane/slot-scripts.ts';
import { createSlotStore } from '../../src/backplane/slot-store.ts';
import { until } from '../support/until.ts';

/** A Redis whose answers to a claim and to a new lease come in one breath, as they do when both were sent together. */
function createConnections() {
  const claims: { lease: string; slot: string }[] = [];
  let waiting: (() => void)[] | undefined;
  const answer = (value: unknown) =>
    waiting === undefined ? Promise.resolve(value) : new Promise((resolve) => waiting?.push(() => resolve(value)));
  const connections = {
    onAway() {},
    onBack() {},
    commands: {
      status: 'ready',
      zrem: async () => 1,
      hdel: async () => 1,
      eval(script: string, keys: number, ...rest: unknown[]) {
        if (script === RENEW) return Promise.resolve([1, []]);
        if (script === BEGIN_LEASE) return answer(1);
        expect(script).toBe(CLAIM);
        const [lease, slot] = rest.slice(keys).map(String) as [string, string];
        claims.push({ lease, slot });
        return answer(['taken', '', 1]);
      },
    },
  };
  return {
    claims,
    connections: connections as unknown as RedisConnections,
    hold() {
      waiting = [];
    },
    get held() {
      return waiting?.length ?? 0;
    },
    letGo() {
      const all = waiting ?? [];
      waiting = undefined;
      for (const resolve of all) resolve();
    },
  };
}

test('a slot that is given in the same breath as a new lease is written again under it', async () => {
  const redis = createConnections();
  const bus = { ask: async () => ({ answers: [], missing: 0 }), answer() {} };
  const rules = { connectionsPerUser: 3, onExceeded: 'reject', whenStoreDown: 'refuse' } as const;
  const store = await createSlotStore(redis.connections, bus, 'test', 'node', { rules, mayBeAway: false });
  onTestFinished(() => store.close());
  // Something failed, so that the next look takes a new lease.
  redis.connections.commands.hdel = () => Promise.reject(new Error('not now'));
  await store.claim('other', '43');
  store.release('other');
  await until(() => store.trouble(), { what: 'the failure is known' });
  redis.hold();
  const claiming = store.claim('slot', '42');
  await until(() => redis.held === 2, { what: 'a claim and a new lease are asked for' });
  redis.letGo();
  await claiming;
  await until(() => store.trouble() === undefined, { what: 'all is written again' });
  expect(redis.claims.filter(({ slot }) => slot === 'slot')).toEqual([
    { lease: 'node.1', slot: 'slot' },
    { lease: 'node.2', slot: 'slot' },
  ]);
});
