import { describe, expect, test } from 'vitest';
import type { EventRow, RoomRow, SocketRow, UserRow } from '../../src/contract/snapshot.ts';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { startRedis } from '../support/redis.ts';
import { runCli } from '../support/run-cli.ts';
import { startTwoNodes } from '../support/start-nodes.ts';
import { until } from '../support/until.ts';
import { watch } from '../support/watch.ts';
import { untilAlone } from './traffic.ts';

/** Ann on both nodes, Bob on the second; all of them in the lobby. */
async function startWatched(limits: Parameters<typeof startTwoNodes>[1] = {}) {
  const redis = await startRedis();
  const nodes = await startTwoNodes(redis, limits);
  const [first, second] = nodes;
  const ann = await connectClient(first.url, { token: first.token('ann') });
  const alsoAnn = await connectClient(second.url, { token: second.token('ann') });
  const bob = await connectClient(second.url, { token: second.token('bob') });
  for (const socket of [ann, alsoAnn, bob]) await socket.emitWithAck('room:join', { room: 'lobby' });
  return { redis, nodes, ann, alsoAnn, bob };
}

describe.skipIf(isToolMissing('redis-server'))('whoever watches one node of a cluster', () => {
  test('sees all of it, each user and room once, and on which node each socket is', async () => {
    const { nodes, ann, alsoAnn, bob } = await startWatched();
    for (const { url, adminToken } of nodes) {
      const rooms = watch(url, adminToken, { view: 'rooms' });
      const users = watch(url, adminToken, { view: 'users', sort: 'user' });
      const sockets = watch(url, adminToken, { view: 'sockets', sort: 'user', within: { room: 'lobby' } });
      await until(() => rooms.seen.snapshot && users.seen.snapshot && sockets.seen.snapshot);
      expect(rooms.rows<RoomRow>()).toMatchObject([{ room: 'lobby', sockets: 3, users: 2 }]);
      expect(rooms.seen.snapshot).toMatchObject({
        figures: { connections: 3, users: 2, rooms: 1 },
        ...{ matching: 1, all: 1 },
        cluster: { nodes: [{ node: expect.any(String) }, { node: expect.any(String) }], missingNodes: 0 },
      });
      expect(users.rows<UserRow>().map(({ userId, sockets: held }) => [userId, held])).toEqual([
        ['ann', 2],
        ['bob', 1],
      ]);
      const nodeOf = new Map(sockets.rows<SocketRow>().map(({ id, node }) => [id, node]));
      expect(nodeOf).toHaveLength(3);
      expect(nodeOf.get(alsoAnn.ready.socketId)).toBe(nodeOf.get(bob.ready.socketId));
      expect(nodeOf.get(ann.ready.socketId)).not.toBe(nodeOf.get(bob.ready.socketId));
    }
  });

  test('sees the events and refusals of all nodes, and everything about a socket of another', async () => {
    const { nodes, bob } = await startWatched({ connectionsPerUser: 2 });
    const [first, second] = nodes;
    const { seen, rows, ask } = watch(first.url, first.adminToken, { view: 'events', socket: bob.ready.socketId });
    await until(() => seen.snapshot);
    await bob.emitWithAck('room:join', { room: 'attic' });
    await first.request('/api/emit', { body: { event: 'news', to: { users: ['bob'] } } });
    await until(() => rows<EventRow>().length === 2);
    expect(rows<EventRow>()).toMatchObject([
      { direction: 'out', event: 'news', node: seen.welcome?.node },
      { direction: 'in', event: 'room:join', target: 'user:bob' },
    ]);
    expect(rows<EventRow>()[1]?.node).not.toBe(seen.welcome?.node);
    await until(() => seen.snapshot?.socket?.rooms.includes('attic'));
    await attemptConnection(second.url, { token: second.token('ann') });
    ask({ view: 'refusals', id: 7 });
    await until(() => seen.snapshot?.query === 7 && rows().length === 1);
    expect(seen.snapshot?.figures.refusedLastMinute).toEqual({ MAX_CONNECTIONS_EXCEEDED: 1 });
    bob.disconnect();
    ask({ view: 'events', id: 8, socket: bob.ready.socketId });
    await until(() => seen.snapshot?.socket === null);
  });

  test('is told which node does not answer, and that it is back; counters never go down', async () => {
    const { redis, nodes } = await startWatched();
    const [first, second] = nodes;
    const { seen } = watch(first.url, first.adminToken, { view: 'sockets' });
    const whole = await until(() => seen.snapshot?.cluster?.nodes.length === 2 && seen.snapshot);
    const received = whole.figures.received;
    expect(received).toBe(3);
    second.cli.kill('SIGSTOP');
    await until(() => seen.snapshot?.cluster?.nodes.some(({ isMissing }) => isMissing));
    expect(seen.snapshot).toMatchObject({ figures: { connections: 1, received }, cluster: { missingNodes: 1 } });
    second.cli.kill('SIGCONT');
    await until(() => seen.snapshot?.figures.connections === 3);
    expect(seen.snapshot?.figures.received).toBe(received);
    await redis.stop();
    await untilAlone(first, /^Redis/);
    await until(() => seen.snapshot?.cluster?.missingNodes === null);
    expect(seen.snapshot?.figures.connections).toBe(1);
  });

  test('sees true figures of a room that is far down the list of another node', async () => {
    const { nodes, alsoAnn, bob } = await startWatched({ roomsPerSocket: 500, eventsPerSecond: 1_000 });
    const many = Array.from({ length: 300 }, (_, at) => `room-${at}`);
    await Promise.all(many.map((room) => alsoAnn.emitWithAck('room:join', { room })));
    await bob.emitWithAck('room:leave', { room: 'lobby' });
    await alsoAnn.emitWithAck('room:leave', { room: 'lobby' });
    await bob.emitWithAck('room:join', { room: 'lobby' });
    const [first] = nodes;
    const { rows, seen } = watch(first.url, first.adminToken, { view: 'rooms', size: 5 });
    await until(() => seen.snapshot?.figures.rooms);
    expect(rows<RoomRow>()[0]).toMatchObject({ room: 'lobby', sockets: 2, users: 2 });
    expect(rows()).toHaveLength(5);
    // An estimate: of 301.
    expect(seen.snapshot?.matching).toBeGreaterThan(250);
    expect(seen.snapshot?.matching).toBeLessThan(350);
  });

  test('by the command line: top prints the nodes, ls the node of each socket, kick reaches any; who is missing is said', async () => {
    const { redis, nodes, bob } = await startWatched();
    const [first, second] = nodes;
    const run = (...args: string[]) => runCli([...args, '--url', first.url, '--token', first.adminToken]);
    const top = await run('top', '--once', '--view', 'sockets');
    expect(top.stdout.match(/^node \S+: \d connections?, /gm)).toHaveLength(2);
    expect(top.stdout).toMatch(/^USER +ROOMS +NODE/m);
    const ls = await run('ls', 'sockets');
    const [head = '', ...rows] = ls.stdout.trimEnd().split('\n');
    expect(head).toMatch(/ NODE$/);
    expect(new Set(rows.map((row) => row.split(/\s+/).at(-1)))).toHaveLength(2);
    expect((await run('ls', 'users', '--json')).stdout).toContain('"sockets":2');
    expect((await run('ls', 'rooms')).stdout).toMatch(/^lobby +3 +2$/m);
    expect((await run('kick', '--user', 'bob', '--json')).stdout).toContain('"closed":1');
    await until(() => bob.disconnected);
    const refusals = await run('ls', 'refusals', '--json');
    expect(refusals.stdout).toMatch(/"code":"KICKED".*"node":"/);
    second.cli.kill('SIGSTOP');
    const silent = expect.stringContaining('1 node of the cluster did not answer');
    expect((await run('ls', 'sockets')).stderr).toEqual(silent);
    expect((await run('kick', '--user', 'zoe')).stderr).toEqual(silent);
    expect((await run('emit', '--all', '--event', 'note')).stderr).toEqual(silent);
    expect((await run('emit', '--all', '--event', 'note', '--ack', '--timeout', '1ms')).stderr).toEqual(silent);
    second.cli.kill('SIGCONT');
    await redis.stop();
    await untilAlone(first, /^Redis/);
    const apart = expect.stringContaining('cut off from the other nodes');
    expect((await run('ls', 'users')).stderr).toEqual(apart);
    expect((await run('kick', '--user', 'zoe')).stderr).toEqual(apart);
  }, 180_000);
});
