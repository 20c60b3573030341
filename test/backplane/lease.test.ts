import { describe, expect, onTestFinished, test } from 'vitest';
import { openRedisBackplane } from '../../src/backplane/redis.ts';
import { numbers } from '../support/crowd.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { startRedis } from '../support/redis.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const LEASE_MS = 10_000;
/** Written 200 at a time, one after the other. */
const SLOTS = 3_000;
const AWAY_MS = 400;
/** Several times what the writing takes. */
const PATIENCE = { withinMs: 120_000 };

/** How many users have the one slot that they had, under a lease that lives. */
const COUNT_HELD = `
local count = 0
for _, key in ipairs(redis.call('KEYS', '{rtserver}:slots:user-*')) do
  local slot, value, more = unpack(redis.call('HGETALL', key))
  local lease = string.match(value, ' (.*)$')
  if string.match(slot, '^slot-') and not more and redis.call('ZSCORE', '{rtserver}:leases', lease) then count = count + 1 end
end
return count`;

async function open(url: string) {
  const slots = { connectionsPerUser: 1, onExceeded: 'reject', whenStoreDown: 'refuse' } as const;
  const backplane = await openRedisBackplane({ mayBeAway: false, url, prefix: 'rtserver', slots });
  onTestFinished(() => backplane.close());
  return backplane;
}

describe.skipIf(isToolMissing('redis-server'))('a node with thousands of slots', () => {
  test('keeps them all while it writes them again for longer than a lease lives', { timeout: 240_000 }, async () => {
    const redis = await startRedis();
    const network = await startTcpProxy(redis.port);
    const [large, other] = [await open(`redis://127.0.0.1:${network.port}`), await open(redis.url)];
    for (const number of numbers(SLOTS)) await large.slots.claim(`slot-${number}`, `user-${number}`);
    const lost: string[] = [];
    large.slots.onLost((slotId) => void lost.push(slotId));
    network.cut();
    await until(() => large.trouble(), { what: 'the node is cut off' });
    network.delay(AWAY_MS);
    const since = performance.now();
    let claims = 0;
    const isBack = async () => {
      const user = `user-${SLOTS - 1 - (claims % 200)}`;
      const full = expect.objectContaining({ code: 'MAX_CONNECTIONS_EXCEEDED' });
      await expect(other.slots.claim(`other-${claims++}`, user)).rejects.toEqual(full);
      return large.trouble() === undefined;
    };
    await until(isBack, { ...PATIENCE, what: 'all slots are written again' });
    // Else this has proved nothing.
    expect(performance.now() - since).toBeGreaterThan(LEASE_MS);
    expect(await redis.run('ZCARD', '{rtserver}:leases')).toBe(2);
    expect(lost).toEqual([]);
    expect(await redis.run('EVAL', COUNT_HELD, '0')).toBe(SLOTS);
  });
});
