import { describe, expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { numbers } from '../support/crowd.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { startNodes, startTwoNodes } from '../support/start-nodes.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import {
  connectEach,
  expectNoSlots,
  expectSound,
  readMetric,
  startTraffic,
  untilAlone,
  untilReady,
} from './traffic.ts';

interface Fault {
  what: string;
  begin(redis: Redis): unknown;
  /** What `readyz` says. */
  reason: RegExp;
  end(redis: Redis): unknown;
  /** Are events for other nodes lost meanwhile? */
  loses: boolean;
}

const FAULTS: readonly Fault[] = [
  {
    what: 'is killed, and comes back empty',
    begin: ({ stop }) => stop(),
    reason: /^Redis is away: ECONNREFUSED/,
    end: ({ restart }) => restart(),
    loses: true,
  },
  {
    what: 'stands still',
    begin: ({ pause }) => pause(),
    reason: /^Redis/,
    end: ({ resume }) => resume(),
    loses: true,
  },
  {
    what: 'has no memory left',
    begin: ({ run }) => run('CONFIG', 'SET', 'maxmemory', '1'),
    reason: /OOM/,
    end: ({ run }) => run('CONFIG', 'SET', 'maxmemory', '0'),
    loses: false,
  },
  {
    what: 'is made a read-only replica',
    async begin({ run }) {
      const primary = await startRedis();
      await run('REPLICAOF', '127.0.0.1', String(primary.port));
    },
    reason: /READONLY/,
    end: ({ run }) => run('REPLICAOF', 'NO', 'ONE'),
    loses: false,
  },
];

const SESSIONS = '{rtserver}:state:sessions';
const REVOKED_USERS = '{rtserver}:state:revokedUsers';

describe.skipIf(isToolMissing('redis-server'))('under traffic, a Redis that', () => {
  test.for(FAULTS)('$what is told, harms nobody on the node itself, and is got over', async (fault) => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis);
    const sockets = await connectEach(nodes);
    const [here, there] = sockets;
    const traffic = startTraffic(nodes[0], sockets);
    await Promise.all([traffic.flows(here), traffic.flows(there)]);
    await fault.begin(redis);
    for (const node of nodes) await untilAlone(node, fault.reason);
    await traffic.flows(here);
    const late = await connectClient(nodes[1].url, { token: nodes[1].token('cid') });
    await fault.end(redis);
    await untilReady(...nodes);
    await expectSound(traffic, nodes, sockets);
    if (fault.loses) {
      expect(await readMetric(nodes[0], 'rtserver_emit_failures_total')).toBeGreaterThan(0);
      await nodes[0].cli.waitForLine('"event.failed"');
      await nodes[1].cli.waitForLine('"event.missed"');
    }
    for (const socket of [...sockets, late]) socket.disconnect();
    await expectNoSlots(redis, nodes);
  });

  test('was emptied soon holds every slot again', async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis, { connectionsPerUser: 1 });
    const [here] = await connectEach(nodes);
    await redis.run('FLUSHALL');
    await until(async () => (await redis.run('HLEN', '{rtserver}:slots:ann')) === 1, { what: 'the slot is back' });
    const { data } = await expectRefusal(nodes[1].url, { token: nodes[1].token('ann') });
    expect(data).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED', limit: 1, current: 1 });
    expect(here.connected).toBe(true);
  });

  test('was emptied lets nobody in beyond the limit meanwhile', async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis, { connectionsPerUser: 1 });
    const [here, there] = nodes;
    const users = numbers(20).map((number) => `user-${number}`);
    await Promise.all(users.map((user) => connectClient(here.url, { token: here.token(user) })));
    await redis.run('FLUSHALL');
    const refusals = await Promise.all(users.map((user) => expectRefusal(there.url, { token: there.token(user) })));
    expect(refusals.map(({ data }) => data.code)).toEqual(users.map(() => 'MAX_CONNECTIONS_EXCEEDED'));
  });

  test('comes back empty has the one node wait for what the other holds', async () => {
    const redis = await startRedis();
    const network = await startTcpProxy(redis.port);
    const urls = [`redis://127.0.0.1:${network.port}`, redis.url] as const;
    const [late, soon] = await startNodes(urls, { connectionsPerUser: 1, whenStoreDown: 'refuse' });
    const users = numbers(20).map((number) => `user-${number}`);
    await Promise.all(users.map((user) => connectClient(late.url, { token: late.token(user) })));
    await redis.stop();
    for (const node of [late, soon]) await untilAlone(node, /^Redis/);
    network.cut();
    await redis.restart();
    const refused = users.map((user) =>
      until(async () => {
        const { data } = await expectRefusal(soon.url, { token: soon.token(user) });
        return data.code !== 'STORE_UNAVAILABLE' && data.code;
      }),
    );
    await untilReady(soon);
    network.delay(0);
    expect(await Promise.all(refused)).toEqual(users.map(() => 'MAX_CONNECTIONS_EXCEEDED'));
  });

  test('was emptied soon knows every credential again', async () => {
    const redis = await startRedis();
    const [first, second] = await startTwoNodes(redis);
    const body = { userId: '42', ttlSeconds: 600 };
    const { token } = (await (await first.request('/api/sessions', { body })).json()) as { token: string };
    const jwt = second.token('43');
    await second.request('/api/tokens/revoke', { body: { userId: '43' } });
    await redis.run('FLUSHALL');
    await until(async () => (await redis.run('HLEN', REVOKED_USERS)) === 1, { what: 'the revocation is back' });
    const [third] = await startNodes([redis.url] as const);
    expect((await expectRefusal(third.url, { token: jwt })).data.code).toBe('TOKEN_REVOKED');
    expect((await connectClient(third.url, { token })).connected).toBe(true);
  });

  test('took no revocation for want of memory gets it when it has some, and the connections end meanwhile', async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis);
    const [here, there] = await connectEach(nodes);
    await redis.run('CONFIG', 'SET', 'maxmemory', '1');
    const refused = await nodes[0].request('/api/tokens/revoke', { body: { userId: 'ann' } });
    expect(refused.status).toBe(503);
    expect(await nextEvent(here, 'closing')).toMatchObject({ code: 'TOKEN_REVOKED' });
    const other = await nodes[0].request('/api/tokens/revoke', { body: { userId: 'bob' } });
    expect(other.status).toBe(503);
    expect(there.connected).toBe(true);
    await redis.run('CONFIG', 'SET', 'maxmemory', '0');
    expect(await nextEvent(there, 'closing')).toMatchObject({ code: 'TOKEN_REVOKED' });
    expect(await redis.run('HLEN', REVOKED_USERS)).toBe(2);
  });

  test('did not let a node read the revocations that it missed is asked again', async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis);
    const [here, there] = await connectEach(nodes);
    const revoke = { userId: 'bob' };
    // Nobody hears of it, and nobody may read it.
    const writeOnly = ['resetkeys', '%W~*', '~*:slots:*', '~*:leases', '~*:settling', '~*:lost:*', '~*:mark'];
    await redis.run('ACL', 'SETUSER', 'default', '-subscribe', '-psubscribe', ...writeOnly);
    await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await untilAlone(nodes[1], /NOPERM/);
    expect((await nodes[0].request('/api/tokens/revoke', { body: revoke })).status).toBe(200);
    await redis.run('ACL', 'SETUSER', 'default', '+subscribe', '+psubscribe');
    await untilAlone(nodes[1], /^the shared state: NOPERM/);
    expect([here.connected, there.connected]).toEqual([true, true]);
    await redis.run('ACL', 'SETUSER', 'default', '~*');
    expect(await nextEvent(there, 'closing')).toMatchObject({ code: 'TOKEN_REVOKED' });
    await untilReady(...nodes);
  });

  test('went back in time brings no revoked credential back', async () => {
    const redis = await startRedis();
    const [first, second] = await startTwoNodes(redis);
    const { token } = (await (
      await first.request('/api/sessions', { body: { userId: '42', ttlSeconds: 600 } })
    ).json()) as { token: string };
    const [hash, session] = (await redis.run('HGETALL', SESSIONS)) as [string, string];
    const jwt = second.token('43');
    await second.request('/api/sessions/revoke', { body: { token } });
    await second.request('/api/tokens/revoke', { body: { userId: '43' } });
    // As after a restart from an older copy.
    await redis.run('HSET', SESSIONS, hash, session);
    await redis.run('DEL', REVOKED_USERS);
    await redis.run('CLIENT', 'KILL', 'TYPE', 'normal');
    await until(async () => (await redis.run('HLEN', SESSIONS)) === 0, { what: 'the session is out of Redis again' });
    await until(async () => (await redis.run('HLEN', REVOKED_USERS)) === 1, { what: 'the revocation is back' });
    for (const { url } of [first, second]) {
      expect((await expectRefusal(url, { token })).data.code).toBe('SESSION_INVALID');
      expect((await expectRefusal(url, { token: jwt })).data.code).toBe('TOKEN_REVOKED');
    }
  });
});
