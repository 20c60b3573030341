import { describe, expect, test } from 'vitest';
import type { BuiltServer } from '../hardening/built-server.ts';
import { attemptConnection, type ConnectedSocket, connectClient, expectRefusal } from '../support/connect.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { startRedis } from '../support/redis.ts';
import { startNodes, startTwoNodes } from '../support/start-nodes.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { expectNoSlots, untilAlone, untilReady } from './traffic.ts';

const ROUNDS = 10;
const RACERS = 100;
const LIMIT = 3;
const RACE_MS = 240_000;
/** A node that is gone gives its slots back when its lease has run out. */
const LEASE = { withinMs: 45_000 };

/** 100 connections of one user, in turn over the nodes. Those who had no answer yet when their node died do not count. */
async function race(nodes: readonly BuiltServer[], user: string) {
  const outcomes = await Promise.all(
    Array.from({ length: RACERS }, (_, at) => {
      const { url, token, cli } = nodes[at % nodes.length] as BuiltServer;
      const attempt = attemptConnection(url, { token: token(user), withinMs: 40_000 });
      return Promise.race([attempt, cli.exit]).catch((error) => (cli.hasExited ? cli.exit : Promise.reject(error)));
    }),
  );
  const admitted = outcomes.flatMap((outcome, at) =>
    'socket' in outcome ? [{ socket: outcome.socket, on: nodes[at % nodes.length] as BuiltServer }] : [],
  );
  const codes = outcomes.flatMap((outcome) => ('refusal' in outcome ? [outcome.refusal.data.code] : []));
  return { admitted, codes };
}

describe.skipIf(isToolMissing('redis-server'))('the limit of a user over all nodes', () => {
  test('admits exactly 3 of a race of 100 on two nodes, ten times out of ten', { timeout: RACE_MS }, async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis);
    for (let round = 0; round < ROUNDS; round++) {
      const { admitted, codes } = await race(nodes, `user-${round}`);
      expect(admitted).toHaveLength(LIMIT);
      expect(codes).toEqual(Array(RACERS - LIMIT).fill('MAX_CONNECTIONS_EXCEEDED'));
      for (const { socket } of admitted) socket.disconnect();
    }
    await expectNoSlots(redis, nodes);
  });

  test('is kept, ten times out of ten, while a third node is killed', { timeout: RACE_MS }, async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis);
    const users: { user: string; held: ConnectedSocket[] }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const user = `user-${round}`;
      const [third] = await startNodes([redis.url] as const);
      const racing = race([...nodes, third], user);
      // Whichever node is first: the others may have none of the slots.
      const taken = () => redis.run('HLEN', `{rtserver}:slots:${user}`);
      await until(async () => Number(await taken()) > 0, { what: 'the race has begun' });
      await third.cli.stop('SIGKILL');
      const { admitted, codes } = await racing;
      expect(admitted.length).toBeLessThanOrEqual(LIMIT);
      // What the dead node held is still taken.
      expect(new Set(codes.filter(Boolean))).toEqual(new Set(['MAX_CONNECTIONS_EXCEEDED']));
      users.push({ user, held: admitted.flatMap(({ socket, on }) => (on === third ? [] : [socket])) });
    }
    await Promise.all(
      users.map(async ({ user, held }) => {
        const [first, second] = nodes;
        await until(async () => {
          const { url, token } = held.length % 2 === 0 ? first : second;
          const attempt = await attemptConnection(url, { token: token(user) });
          if ('socket' in attempt) held.push(attempt.socket);
          return held.length === LIMIT;
        }, LEASE);
        const { data } = await expectRefusal(first.url, { token: first.token(user) });
        expect(data).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED', limit: LIMIT, current: LIMIT });
        for (const socket of held) socket.disconnect();
      }),
    );
    await expectNoSlots(redis, nodes);
  });

  test('gives way: a node that stood still has lost the slots that others took meanwhile, and keeps the rest', async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis, { connectionsPerUser: 1 });
    const [still, other] = nodes;
    const taken = await connectClient(still.url, { token: still.token('ann') });
    const kept = await connectClient(still.url, { token: still.token('bob') });
    still.cli.kill('SIGSTOP');
    const newer = await until(async () => {
      const attempt = await attemptConnection(other.url, { token: other.token('ann') });
      return 'socket' in attempt && attempt.socket;
    }, LEASE);
    const closing = nextEvent(taken, 'closing');
    still.cli.kill('SIGCONT');
    expect(await closing).toMatchObject({ code: 'REPLACED' });
    const again = await expectRefusal(still.url, { token: still.token('ann') });
    expect(again.data).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED' });
    const more = await expectRefusal(other.url, { token: other.token('bob') });
    expect(more.data).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED' });
    expect([newer.connected, kept.connected]).toEqual([true, true]);
    newer.disconnect();
    kept.disconnect();
    await expectNoSlots(redis, nodes);
  });

  test('ends the oldest connection of the cluster where it replaces, also after a node was cut off', async () => {
    const redis = await startRedis();
    const network = await startTcpProxy(redis.port);
    const urls = [`redis://127.0.0.1:${network.port}`, redis.url] as const;
    const nodes = await startNodes(urls, { connectionsPerUser: 2, onExceeded: 'replace-oldest' });
    const [first, second] = nodes;
    const oldest = await connectClient(first.url, { token: first.token('42') });
    const middle = await connectClient(second.url, { token: second.token('42') });
    network.cut();
    await untilAlone(first, /^Redis/);
    network.delay(0);
    await untilReady(...nodes);
    const closing = nextEvent(oldest, 'closing');
    const newest = await connectClient(second.url, { token: second.token('42') });
    expect(await closing).toMatchObject({ code: 'REPLACED' });
    expect([middle.connected, newest.connected]).toEqual([true, true]);
  });

  test('ends the oldest connection also where its node was not told that it is replaced', async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis, { connectionsPerUser: 1, onExceeded: 'replace-oldest' });
    const [first, second] = nodes;
    const oldest = await connectClient(first.url, { token: first.token('42') });
    // Nobody hears anything.
    await redis.run('ACL', 'SETUSER', 'default', '-subscribe', '-psubscribe');
    await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (const node of nodes) await untilAlone(node, /NOPERM/);
    const closing = nextEvent(oldest, 'closing');
    const newest = await connectClient(second.url, { token: second.token('42') });
    expect(await closing).toMatchObject({ code: 'REPLACED' });
    expect(await redis.run('HLEN', '{rtserver}:slots:42')).toBe(1);
    expect(newest.connected).toBe(true);
    newest.disconnect();
    await expectNoSlots(redis, nodes);
  });
});
