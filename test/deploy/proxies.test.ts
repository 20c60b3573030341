import { Agent } from 'node:https';
import { describe, expect, test } from 'vitest';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent, takeEvents } from '../support/next-event.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { untilUpgraded } from '../workers/start-workers.ts';
import { type DeployedNode, startNodes, startProxy, tokenOf } from './start-cluster.ts';

const withinMs = 40_000;
const options = { rejectUnauthorized: false, withinMs };
const TRANSPORTS = [['websocket'], ['polling'], ['polling', 'websocket']];

async function emit({ host }: DeployedNode, body: object) {
  const response = await fetch(`http://${host}/api/emit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokenOf('ops', { scope: 'admin' })}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as { recipients?: number; acks?: { ok: boolean }[] };
}

const sockets = async ({ host }: DeployedNode) => {
  const headers = { authorization: `Bearer ${tokenOf('ops', { scope: 'admin' })}` };
  const response = await fetch(`http://${host}/api/sockets`, { headers });
  return ((await response.json()) as { items: { node: string; address: string }[] }).items;
};

describe.skipIf(isToolMissing('redis-server') || isToolMissing('openssl')).each(['nginx', 'haproxy'] as const)(
  '%s',
  (program) => {
    describe.skipIf(isToolMissing(program))('in front of two nodes', () => {
      test('brings clients of every kind, each with its own address, to both', { timeout: 120_000 }, async () => {
        const { nodes } = await startNodes();
        const url = await startProxy(program, nodes);
        const addresses = Array.from({ length: 12 }, (_, at) => `127.0.0.${at + 2}`);
        const agents = addresses.map((localAddress) => new Agent({ localAddress, rejectUnauthorized: false }));
        const clients = await Promise.all(
          agents.map((agent, at) =>
            connectClient(url, {
              ...options,
              token: tokenOf(`user-${at}`),
              transports: TRANSPORTS[at % TRANSPORTS.length] as string[],
              agent: agent as never,
            }),
          ),
        );
        await Promise.all(clients.filter((_, at) => at % TRANSPORTS.length === 2).map(untilUpgraded));
        for (let round = 0; round < 3; round++) {
          const answers = await Promise.all(clients.map((client) => client.timeout(withinMs).emitWithAck('ping')));
          for (const answer of answers) expect(answer).toMatchObject({ ok: true });
          const event = { event: 'note', payload: round };
          expect(await emit(nodes[0] as DeployedNode, event)).toEqual({ ok: true, recipients: 12 });
          for (const client of clients) expect(await nextEvent(client, 'note', { withinMs })).toBe(round);
        }
        const seen = await sockets(nodes[1] as DeployedNode);
        expect(seen.map(({ address }) => address).sort()).toEqual([...addresses].sort());
        expect(new Set(seen.map(({ node }) => node))).toHaveLength(2);
        // Not for the world.
        const [agent] = agents;
        expect(await statusOf(`${url}/metrics`, agent as Agent)).toBe(404);
        for (const each of agents) each.destroy();
      });

      test('lets 3 of 40 connections of one user in', { timeout: 120_000 }, async () => {
        const { nodes } = await startNodes();
        const url = await startProxy(program, nodes);
        const token = tokenOf('42');
        const outcomes = await Promise.all(
          Array.from({ length: 40 }, (_, at) => {
            const agent = new Agent({ localAddress: `127.0.0.${at + 2}`, rejectUnauthorized: false });
            return attemptConnection(url, { ...options, token, agent: agent as never });
          }),
        );
        expect(outcomes.filter((outcome) => 'socket' in outcome)).toHaveLength(3);
      });

      test('carries on through a rolling restart: what was acknowledged has come', { timeout: 180_000 }, async () => {
        const { nodes } = await startNodes();
        const url = await startProxy(program, nodes);
        const client = await connectClient(url, { ...options, token: tokenOf('42'), reconnection: true });
        client.on('work', (_payload, answer) => answer('done'));
        const [first, second] = nodes as [DeployedNode, DeployedNode];
        const acknowledged: number[] = [];
        let isRestarting = true;
        const work = (async () => {
          for (let id = 0; isRestarting || acknowledged.at(-1) !== id - 1; id++) {
            const task = { event: 'work', payload: id, to: { users: ['42'] }, ack: { timeoutMs: 2_000 } };
            // Through whichever node answers.
            const answer = await emit(first, task)
              .catch(() => emit(second, task))
              .catch(() => ({ acks: [] }));
            if (answer.acks?.[0]?.ok) acknowledged.push(id);
          }
        })();
        for (const node of nodes) {
          await node.restart();
          await until(async () => (await node.checkHealth()) === 0, { withinMs });
          await until(() => client.connected, { withinMs });
        }
        isRestarting = false;
        await work;
        const received = takeEvents<number>(client, 'work');
        expect(acknowledged.length).toBeGreaterThan(0);
        expect(received).toEqual(expect.arrayContaining(acknowledged));
        expect(new Set(received)).toHaveLength(received.length);
      });
    });
  },
);

describe.skipIf(isToolMissing('redis-server') || isToolMissing('openssl') || isToolMissing('haproxy'))(
  'haproxy',
  () => {
    test('lets clients in while Redis is away, and all nodes say that they are alone', {
      timeout: 180_000,
    }, async () => {
      const { redis, nodes } = await startNodes();
      const ways = await Promise.all(nodes.map(({ host }) => startTcpProxy(Number(host.split(':')[1]))));
      const watched = nodes.map((node, at) => ({ ...node, host: `127.0.0.1:${ways[at]?.port}` }));
      const url = await startProxy('haproxy', watched);
      const before = await connectClient(url, { ...options, token: tokenOf('before') });
      await redis.stop();
      for (const { host } of nodes) {
        await until(async () => (await fetch(`http://${host}/readyz`)).status === 503, { withinMs });
      }
      // The second look at a node comes when the first one has been answered and taken in.
      for (let look = 0; look < 2; look++) await Promise.all(ways.map((way) => way.sent('GET /readyz')));
      for (const transports of TRANSPORTS) {
        const clients = await Promise.all(
          [2, 3, 4, 5].map((last) => {
            const agent = new Agent({ localAddress: `127.0.0.${last}`, rejectUnauthorized: false }) as never;
            return connectClient(url, { ...options, token: tokenOf(`${transports} ${last}`), transports, agent });
          }),
        );
        for (const client of clients) {
          expect(await client.timeout(withinMs).emitWithAck('ping')).toMatchObject({ ok: true });
        }
      }
      expect(before.connected).toBe(true);
    });
  },
);

async function statusOf(url: string, agent: Agent): Promise<number | undefined> {
  const { get } = await import('node:https');
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });
}
