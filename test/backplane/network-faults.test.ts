import { describe, expect, test } from 'vitest';
import { type BuiltServer, readStats } from '../hardening/built-server.ts';
import { attemptConnection, connectClient, expectRefusal } from '../support/connect.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { startRedis } from '../support/redis.ts';
import { startNodes } from '../support/start-nodes.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
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

/** The first node reaches Redis through a network that can be made worse, the second directly. */
async function startApart(limits: Parameters<typeof startNodes>[1] = {}) {
  const redis = await startRedis();
  const network = await startTcpProxy(redis.port);
  const nodes = await startNodes([`redis://127.0.0.1:${network.port}`, redis.url] as const, limits);
  return { redis, network, nodes };
}

const PARTITIONS: readonly [how: string, begin: (network: TcpProxy) => void][] = [
  ['cut off from Redis', (network) => network.cut()],
  ['connected to Redis by name only', (network) => network.stall()],
];

const ENDINGS: readonly [what: string, code: string, end: (node: BuiltServer, session: string) => Promise<Response>][] =
  [
    ['JWT is revoked', 'TOKEN_REVOKED', ({ request }) => request('/api/tokens/revoke', { body: { userId: '42' } })],
    [
      'session is revoked',
      'SESSION_REVOKED',
      ({ request }, token) => request('/api/sessions/revoke', { body: { token } }),
    ],
    ['user is kicked', 'KICKED', ({ request }) => request('/api/users/42/sockets', { method: 'DELETE' })],
  ];

describe.skipIf(isToolMissing('redis-server'))('a node that is', () => {
  test.for(PARTITIONS)('%s goes on by itself, while the other is as before', async ([, begin]) => {
    const { redis, network, nodes } = await startApart();
    const sockets = await connectEach(nodes);
    const [here, there] = sockets;
    const traffic = startTraffic(nodes[0], sockets);
    await Promise.all([traffic.flows(here), traffic.flows(there)]);
    begin(network);
    await untilAlone(nodes[0], /^Redis/);
    await traffic.flows(here);
    expect((await nodes[1].request('/readyz')).status).toBe(200);
    network.delay(0);
    await untilReady(...nodes);
    await expectSound(traffic, nodes, sockets);
    expect(await readMetric(nodes[0], 'rtserver_emit_failures_total')).toBeGreaterThan(0);
    for (const socket of sockets) socket.disconnect();
    await expectNoSlots(redis, nodes);
  });

  test.for(PARTITIONS)('%s knows afterwards what it missed', async ([, begin]) => {
    const { network, nodes } = await startApart();
    const [receiving, sending] = nodes;
    const sockets = await connectEach([sending, receiving]);
    const [, there] = sockets;
    const traffic = startTraffic(sending, sockets);
    await traffic.flows(there);
    begin(network);
    await untilAlone(receiving, /^Redis/);
    network.delay(0);
    await untilReady(...nodes);
    await expectSound(traffic, [sending, receiving], sockets);
  });

  test('200 ms away from Redis delivers to its own at once, to the others in order, and keeps the limit', async () => {
    const { network, nodes } = await startApart();
    const sockets = await connectEach(nodes);
    network.delay(100);
    const traffic = startTraffic(nodes[0], sockets);
    await traffic.flows(sockets[1]);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) => {
        const { url, token } = nodes[at % 2 === 0 ? 0 : 1];
        return attemptConnection(url, { token: token('42'), withinMs: 40_000 });
      }),
    );
    expect(outcomes.filter((outcome) => 'socket' in outcome)).toHaveLength(3);
    await expectSound(traffic, nodes, sockets);
    expect(await readMetric(nodes[1], 'rtserver_events_missed_total')).toBe(0);
  });

  test.for(ENDINGS)('far from Redis lets nobody in whose %s meanwhile', async ([, code, end]) => {
    const { network, nodes } = await startApart();
    const [far, near] = nodes;
    const { token: session } = (await (
      await near.request('/api/sessions', { body: { userId: '42', ttlSeconds: 600 } })
    ).json()) as { token: string };
    network.delay(500);
    const asks = network.sent(':slots:42');
    const attempt = attemptConnection(far.url, { token: code === 'SESSION_REVOKED' ? session : far.token('42') });
    await asks;
    expect((await end(near, session)).status).toBe(200);
    const outcome = await attempt;
    // On a slow machine it may have come through before.
    if ('socket' in outcome) expect(await nextEvent(outcome.socket, 'closing')).toMatchObject({ code });
    else expect(outcome.refusal.data).toMatchObject({ code });
    await until(async () => (await readStats(far)).slots === 0, { what: 'nobody is left' });
  });

  test('told to refuse lets nobody in while Redis is away, and keeps whom it has', async () => {
    const { network, nodes } = await startApart({ whenStoreDown: 'refuse' });
    const [{ url, token, request }] = nodes;
    const client = await connectClient(url, { token: token('ann') });
    network.cut();
    await untilAlone(nodes[0], /^Redis/);
    expect((await expectRefusal(url, { token: token('bob') })).data).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'The limits of the cluster cannot be checked',
      retry: true,
    });
    await request('/api/emit', { body: { event: 'note', payload: 1 } });
    expect(await nextEvent(client, 'note')).toBe(1);
    network.delay(0);
    await untilReady(...nodes);
    await connectClient(url, { token: token('bob') });
    // What was refused holds nothing.
    await connectClient(nodes[1].url, { token: token('bob') });
    await connectClient(nodes[1].url, { token: token('bob') });
    expect((await expectRefusal(url, { token: token('bob') })).data.code).toBe('MAX_CONNECTIONS_EXCEEDED');
  });

  test('cut off says that a revocation is not kept, and has it kept when it is back', async () => {
    const { network, nodes } = await startApart();
    const [apart, other] = nodes;
    const sessions = await apart.request('/api/sessions', { body: { userId: '42', ttlSeconds: 600 } });
    const { token } = (await sessions.json()) as { token: string };
    const client = await connectClient(other.url, { token });
    network.cut();
    await untilAlone(apart, /^Redis/);
    const refused = await apart.request('/api/sessions/revoke', { body: { token } });
    expect([refused.status, await refused.json()]).toEqual([503, expect.objectContaining({ code: 'STATE_NOT_SAVED' })]);
    expect((await expectRefusal(apart.url, { token })).data.code).toBe('SESSION_INVALID');
    const closing = nextEvent(client, 'closing');
    network.delay(0);
    expect(await closing).toMatchObject({ code: 'SESSION_REVOKED' });
    expect((await expectRefusal(other.url, { token })).data.code).toBe('SESSION_INVALID');
  });

  test('cut off ends, when it is back, the connections whose tokens were revoked meanwhile', async () => {
    const { network, nodes } = await startApart();
    const [apart, other] = nodes;
    const client = await connectClient(apart.url, { token: apart.token('42') });
    network.cut();
    await untilAlone(apart, /^Redis/);
    expect((await other.request('/api/tokens/revoke', { body: { userId: '42' } })).status).toBe(200);
    const closing = nextEvent(client, 'closing');
    network.delay(0);
    expect(await closing).toMatchObject({ code: 'TOKEN_REVOKED' });
  });

  test('cut off for moments leaves no gap in the limit', async () => {
    const { network, nodes } = await startApart({ connectionsPerUser: 1 });
    const [apart, other] = nodes;
    const users = Array.from({ length: 100 }, (_, at) => `user-${at}`);
    const held = await Promise.all(users.map((user) => connectClient(apart.url, { token: apart.token(user) })));
    let isOver = false;
    const admitted: string[] = [];
    const hammering = users.slice(0, 10).map(async (user) => {
      while (!isOver) {
        const attempt = await attemptConnection(other.url, { token: other.token(user) });
        if ('socket' in attempt) admitted.push(user);
      }
    });
    for (let time = 0; time < 5; time++) {
      network.cut();
      await untilAlone(apart, /^Redis/);
      network.delay(0);
      await untilReady(apart);
    }
    isOver = true;
    await Promise.all(hammering);
    expect(admitted).toEqual([]);
    expect(held.every(({ connected }) => connected)).toBe(true);
  });

  test('cut off keeps whom it let in by itself, and the limit holds again for all who come later', async () => {
    const { network, nodes } = await startApart({ connectionsPerUser: 1 });
    const [apart, other] = nodes;
    const early = await connectClient(other.url, { token: other.token('42') });
    network.cut();
    await untilAlone(apart, /^Redis/);
    const late = await connectClient(apart.url, { token: apart.token('42') });
    network.delay(0);
    await untilReady(...nodes);
    const refused = await expectRefusal(other.url, { token: other.token('42') });
    expect(refused.data).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED', current: expect.any(Number) });
    expect([early.connected, late.connected]).toEqual([true, true]);
    early.disconnect();
    late.disconnect();
    await until(async () => 'socket' in (await attemptConnection(other.url, { token: other.token('42') })));
    expect((await expectRefusal(apart.url, { token: apart.token('42') })).data.code).toBe('MAX_CONNECTIONS_EXCEEDED');
  });
});
