import { describe, expect, test } from 'vitest';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { numbers } from '../support/crowd.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { startRedis } from '../support/redis.ts';
import { runCli } from '../support/run-cli.ts';
import { startNodes, startTwoNodes } from '../support/start-nodes.ts';
import { until } from '../support/until.ts';
import { readMetric, untilAlone } from './traffic.ts';

const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe.skipIf(isToolMissing('redis-server'))('two nodes on one Redis', () => {
  test('deliver to each other, count the recipients of both, list and kick from either', async () => {
    const [first, second] = await startTwoNodes(await startRedis());
    const here = await connectClient(first.url, { token: first.token('ann') });
    const there = await connectClient(second.url, { token: second.token('bob') });
    const both = await json(await first.request('/api/emit', { body: { event: 'note', payload: 1 } }));
    expect(both).toEqual({ ok: true, recipients: 2 });
    expect(await nextEvent(there, 'note')).toBe(1);
    expect(await nextEvent(here, 'note')).toBe(1);
    const to = { sockets: [there.ready.socketId] };
    const one = await json(await first.request('/api/emit', { body: { event: 'note', payload: 2, to } }));
    expect(one).toEqual({ ok: true, recipients: 1 });
    expect(await nextEvent(there, 'note')).toBe(2);
    there.on('ask', (_payload, answer) => answer('yes'));
    const ask = { event: 'ask', to: { users: ['bob'] }, ack: { timeoutMs: 10_000 } };
    expect(await json(await first.request('/api/emit', { body: ask }))).toMatchObject({
      recipients: 1,
      acks: [{ ok: true, userId: 'bob', value: 'yes' }],
    });
    const { items } = (await json(await first.request('/api/sockets'))) as {
      items: { userId: string; node: string }[];
    };
    expect(items.map(({ userId }) => userId).sort()).toEqual(['ann', 'bob']);
    expect(new Set(items.map(({ node }) => node))).toHaveLength(2);
    const stats = await json(await first.request('/api/stats'));
    expect(stats['cluster']).toMatchObject({ nodes: [{ connections: 1 }, { connections: 1 }], missingNodes: 0 });
    const closing = nextEvent(there, 'closing');
    expect(await json(await first.request('/api/users/bob/sockets', { method: 'DELETE' }))).toEqual({
      ok: true,
      closed: 1,
    });
    expect(await closing).toMatchObject({ code: 'KICKED' });
  });

  test('know the sessions and revocations of each other', async () => {
    const [first, second] = await startTwoNodes(await startRedis());
    const body = { userId: '42', ttlSeconds: 600 };
    const { token } = await json(await first.request('/api/sessions', { body }));
    const socket = await connectClient(second.url, { token: String(token) });
    const closing = nextEvent(socket, 'closing');
    expect(await json(await first.request('/api/sessions/revoke', { body: { token } }))).toMatchObject({ closed: 1 });
    expect(await closing).toMatchObject({ code: 'SESSION_REVOKED' });
    const jwt = await connectClient(second.url, { token: second.token('43') });
    const revoked = nextEvent(jwt, 'closing');
    await first.request('/api/tokens/revoke', { body: { userId: '43' } });
    expect(await revoked).toMatchObject({ code: 'TOKEN_REVOKED' });
  });

  test('say how many nodes did not hear of a revocation, and those end the connections later', async () => {
    const [first, second] = await startTwoNodes(await startRedis());
    const { token } = await json(await first.request('/api/sessions', { body: { userId: '42', ttlSeconds: 600 } }));
    const [bySession, byJwt] = [
      await connectClient(second.url, { token: String(token) }),
      await connectClient(second.url, { token: second.token('43') }),
    ];
    const closings = [nextEvent(bySession, 'closing'), nextEvent(byJwt, 'closing')];
    second.cli.kill('SIGSTOP');
    const revoked = await json(await first.request('/api/sessions/revoke', { body: { token } }));
    expect(revoked).toEqual({ ok: true, revoked: 1, closed: 0, missingNodes: 1 });
    // Asked again, it does not pretend that all know by now.
    const again = await json(await first.request('/api/sessions/revoke', { body: { token } }));
    expect(again).toEqual({ ok: true, revoked: 0, closed: 0, missingNodes: 1 });
    const env = { RTSERVER_URL: first.url, RTSERVER_TOKEN: first.adminToken };
    const cli = await runCli(['token', 'revoke', '--user', '43'], { env });
    expect(cli).toMatchObject({
      code: 0,
      stdout: 'revoked, closed 0 connections\n',
      stderr: expect.stringContaining('1 node of the cluster did not answer'),
    });
    const sessions = await runCli(['session', 'revoke', '--user', '42'], { env });
    expect(sessions.stderr).toContain('1 node of the cluster did not answer');
    second.cli.kill('SIGCONT');
    const [ofSession, ofJwt] = await Promise.all(closings);
    expect(ofSession).toMatchObject({ code: 'SESSION_REVOKED' });
    expect(ofJwt).toMatchObject({ code: 'TOKEN_REVOKED' });
  });

  test('count, all together, each delivery once', async () => {
    const [first, second] = await startTwoNodes(await startRedis());
    const [here, there] = [
      await connectClient(first.url, { token: first.token('ann') }),
      await connectClient(second.url, { token: second.token('bob') }),
    ];
    there.on('ask', (_payload, answer) => answer('yes'));
    here.on('ask', (_payload, answer) => answer('no'));
    const emissions = [
      ...[{ event: 'note' }, { event: 'note', to: { users: ['bob'] } }, { event: 'note', except: ['ann'] }],
      ...[
        { event: 'note', to: { sockets: [there.ready.socketId] } },
        { event: 'note', to: { users: ['nobody'] } },
      ],
      { event: 'ask', ack: {} },
    ];
    const results = (await json(await first.request('/api/emit', { body: emissions }))) as unknown as object[];
    expect(results).toMatchObject([2, 1, 1, 1, 0, 2].map((recipients) => ({ recipients })));
    expect(await readMetric(first, 'rtserver_deliveries_total')).toBe(2);
    await until(async () => (await readMetric(second, 'rtserver_deliveries_total')) === 5);
    expect(await readMetric(first, 'rtserver_events_emitted_total')).toBe(emissions.length);
    expect(await readMetric(second, 'rtserver_events_emitted_total')).toBe(0);
  });

  test('log one line for many events that could not be handed on, and count each', async () => {
    const redis = await startRedis();
    const [node] = await startNodes([redis.url] as const);
    await redis.stop();
    await untilAlone(node, /^Redis/);
    const body = numbers(50).map((payload) => ({ event: 'note', payload }));
    await node.request('/api/emit', { body });
    await node.cli.waitForLine('"count":49');
    expect(await readMetric(node, 'rtserver_emit_failures_total')).toBe(50);
    const lines = node.cli.stdout.split('\n').filter((line) => line.includes('"event.failed"'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'note', reason: 'ADAPTER_FAILED', count: 1 },
      { event: 'note', reason: 'ADAPTER_FAILED', count: 49 },
    ]);
    expect(node.cli.stdout).not.toContain('"stack"');
  });

  test('go on by themselves while Redis is away, say so, and find each other again', async () => {
    const redis = await startRedis();
    const [first, second] = await startTwoNodes(redis);
    const here = await connectClient(first.url, { token: first.token('ann') });
    const there = await connectClient(second.url, { token: second.token('bob') });
    await redis.stop();
    const down = await until(async () => {
      const response = await first.request('/readyz');
      return response.status === 503 && (await json(response));
    });
    expect(down).toMatchObject({ status: 'alone', reason: expect.stringContaining('Redis') });
    const connected = async () => (await (await first.request('/metrics')).text()).match(/^rtserver_cluster_.*$/gm);
    expect(await connected()).toEqual([
      expect.stringMatching(/^rtserver_cluster_connected\{node="[^"]+:\d+:[0-9a-f]{6}"\} 0$/),
    ]);
    const emitted = await json(await first.request('/api/emit', { body: { event: 'note', payload: 1 } }));
    expect(emitted).toEqual({ ok: true, recipients: 1, missingNodes: null });
    expect(await nextEvent(here, 'note')).toBe(1);
    await first.cli.waitForLine('"event.failed"');
    // Also a node that sends nothing says so.
    await second.cli.waitForLine('"cluster.alone"');
    expect(await attemptConnection(first.url, { token: first.token('cid') })).toHaveProperty('socket');
    await redis.restart();
    await until(async () => (await first.request('/readyz')).ok && (await second.request('/readyz')).ok);
    await second.cli.waitForLine('"cluster.joined"');
    expect(await connected()).toEqual([expect.stringMatching(/ 1$/)]);
    const again = await json(await first.request('/api/emit', { body: { event: 'note', payload: 2 } }));
    expect(again).toEqual({ ok: true, recipients: 3 });
    expect(await nextEvent(there, 'note')).toBe(2);
    expect([here.connected, there.connected]).toEqual([true, true]);
  });
});
