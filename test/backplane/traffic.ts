import { expect } from 'vitest';
import { type BuiltServer, readStats } from '../hardening/built-server.ts';
import { type ConnectedSocket, connectClient } from '../support/connect.ts';
import type { Redis } from '../support/redis.ts';
import { until } from '../support/until.ts';

export type Nodes = readonly [BuiltServer, BuiltServer];

/** Numbers that one node sends to everybody for as long as it is asked to, in batches, one after the other. */
export interface Traffic {
  /** How many were accepted so far. */
  readonly sent: number;
  /** What each socket got, in order. */
  received(socket: ConnectedSocket): readonly number[];
  /** Resolves when a number that is sent from now on has come to the socket. */
  flows(socket: ConnectedSocket): Promise<void>;
  stop(): Promise<void>;
}

const BATCH = 10;

export function startTraffic(from: BuiltServer, sockets: readonly ConnectedSocket[]): Traffic {
  const inboxes = new Map(sockets.map((socket) => [socket, [] as number[]]));
  for (const [socket, inbox] of inboxes) socket.on('number', (number: number) => void inbox.push(number));
  let sent = 0;
  let isOver = false;

  async function send(): Promise<void> {
    while (!isOver) {
      const batch = Array.from({ length: BATCH }, (_, at) => ({ event: 'number', payload: sent + at }));
      sent += BATCH;
      const response = await from.request('/api/emit', { body: batch });
      expect(await response.json()).toEqual(batch.map(() => expect.objectContaining({ ok: true })));
    }
  }

  const sending = send();
  // Whoever stops it hears of it; a test that fails earlier has something else to say.
  sending.catch(() => {});
  const received = (socket: ConnectedSocket) => inboxes.get(socket) ?? [];
  return {
    get sent() {
      return sent;
    },
    received,
    async flows(socket) {
      const mark = sent;
      await until(() => received(socket).some((number) => number >= mark), { what: 'a new number arrives' });
    },
    async stop() {
      isOver = true;
      await sending;
    },
  };
}

/** A client on each node. */
export async function connectEach([here, there]: Nodes): Promise<[ConnectedSocket, ConnectedSocket]> {
  const connect = ({ url, token }: BuiltServer, user: string) => connectClient(url, { token: token(user) });
  return Promise.all([connect(here, 'ann'), connect(there, 'bob')]);
}

/** A figure of `/metrics`, all its labels together. */
export async function readMetric({ request }: BuiltServer, name: string): Promise<number> {
  const text = await (await request('/metrics')).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/**
 * What holds whatever happened to Redis: nobody's connection was lost, those of the sending node got everything, those of the
 * others nothing twice and nothing out of order, and whatever they did not get was counted by one node or the other.
 */
export async function expectSound(
  traffic: Traffic,
  nodes: Nodes,
  [here, there]: readonly [ConnectedSocket, ConnectedSocket],
): Promise<void> {
  await traffic.flows(there);
  await traffic.stop();
  await until(() => traffic.received(there).at(-1) === traffic.sent - 1, { what: 'the last number arrives' });
  expect([here.connected, there.connected]).toEqual([true, true]);
  expect(traffic.received(here)).toEqual(Array.from({ length: traffic.sent }, (_, at) => at));
  const remote = traffic.received(there);
  expect(remote).toEqual([...new Set(remote)].sort((a, b) => a - b));
  const lost = traffic.sent - remote.length;
  expect(await readMetric(nodes[1], 'rtserver_events_missed_total')).toBe(lost);
  for (const node of nodes) {
    expect(node.cli.stdout).not.toContain('"server.failed"');
    expect(node.cli.stderr).toBe('');
  }
}

/** Until `readyz` says no, and why. */
export async function untilAlone({ request }: BuiltServer, reason: RegExp): Promise<void> {
  await until(
    async () => {
      const response = await request('/readyz');
      const body = (await response.json()) as { status: string; reason?: string };
      return response.status === 503 && body.status === 'alone' && reason.test(body.reason ?? '');
    },
    { what: `readyz says that the node is alone: ${reason}` },
  );
}

export async function untilReady(...nodes: readonly BuiltServer[]): Promise<void> {
  await until(async () => (await Promise.all(nodes.map(({ request }) => request('/readyz')))).every(({ ok }) => ok), {
    what: 'all nodes are ready',
  });
}

/** Once everybody has left: neither the nodes nor Redis hold a slot any more. */
export async function expectNoSlots(redis: Redis, nodes: readonly BuiltServer[]): Promise<void> {
  await until(
    async () => {
      const held = await Promise.all(nodes.map(async (node) => (await readStats(node)).slots));
      const keys = (await redis.run('KEYS', '*:slots:*')) as string[];
      return held.every((slots) => slots === 0) && keys.length === 0;
    },
    { what: 'all slots are given back' },
  );
}
