import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAdminClient } from '../../src/client/admin.ts';
import { judgeLeaks } from '../../src/load/leaks.ts';
import { ServerWatch } from '../../src/load/server-watch.ts';
import { SocketRoll } from '../../src/load/socket-roll.ts';
import { makeToken, type TokenMaker } from '../../src/load/tokens.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';
import { startFlawedServer } from './flawed-server.ts';

interface Door {
  url: string;
  secret: string;
  /** Where its sockets connect, if elsewhere. */
  socketsUrl?: string;
}

async function watchOf({ url, secret, socketsUrl = url }: Door) {
  const tokens: TokenMaker = { kind: 'secret', secret, algorithm: 'HS256' };
  const token = () => makeToken(tokens, 'test', { claims: { scope: 'admin' } }) ?? '';
  const watch = await ServerWatch.open(createAdminClient({ url, token }));
  async function connect(user: string): Promise<string> {
    const wire = await openWire(socketsUrl);
    await wire.connect({ auth: { token: makeToken(tokens, user) } });
    return wire.socketId ?? '';
  }
  return { watch, connect };
}

/** The HTTP API of a server with other answers than it gives. */
async function startFront(
  { url, secret }: Door,
  change: (path: string, answer: Record<string, unknown>) => object,
): Promise<Door> {
  const front = createServer(async (request, response) => {
    const asked = new URL(request.url ?? '', url);
    const answer = await fetch(asked, { headers: { authorization: request.headers.authorization ?? '' } });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(change(asked.pathname, (await answer.json()) as Record<string, unknown>)));
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    front.close();
    front.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`, secret, socketsUrl: url };
}

test('on a server that others use, only the sockets of the run are judged', async () => {
  const { watch, connect } = await watchOf(await startServer());
  const id = await connect('somebody');
  const judge = (sockets: SocketRoll | undefined) => judgeLeaks(watch, { sockets, settleMs: 0 });
  const roll = new SocketRoll(watch.admin);
  roll.add(['another']);
  expect(await judge(roll)).toEqual({ status: 'none', scope: 'run', findings: [] });
  roll.add([id]);
  expect(await judge(roll)).toEqual({
    status: 'leaked',
    scope: 'run',
    findings: [`1 socket of the run left (${id})`],
  });
  expect(await judge(undefined)).toMatchObject({ status: 'leaked', scope: 'server' });
  watch.close();
});

test('a server that does not list its sockets is judged by its totals, and the verdict says so', async () => {
  const { watch, connect } = await watchOf(await startFlawedServer(undefined));
  await connect('somebody');
  const { status, findings } = await judgeLeaks(watch, { sockets: new SocketRoll(watch.admin), settleMs: 0 });
  expect([status, findings.at(-1)]).toEqual([
    'leaked',
    'of this run or of others: the server does not list its sockets',
  ]);
  watch.close();
});

test('of the sockets of a long run, those are forgotten that the server has no more, and none that it has', async () => {
  const { watch, connect } = await watchOf(await startServer());
  const roll = new SocketRoll(watch.admin, 10);
  const stuck = await connect('somebody');
  roll.add([stuck]);
  for (let n = 0; n < 100; n += 1) roll.add([`gone-${n}`]);
  await until(() => roll.size < 100, { what: 'it has asked' });
  // Those that came while it asked are for the next time.
  roll.add(['gone-100']);
  await until(() => roll.size <= 11, { what: 'it has asked again' });
  expect(await roll.findLeft()).toEqual({ ids: [stuck], doubt: undefined });
  watch.close();
});

test('a server that does not list its sockets does not make a long run remember all of them', async () => {
  const { watch } = await watchOf(await startFlawedServer(undefined));
  const roll = new SocketRoll(watch.admin, 10);
  for (let n = 0; n < 200; n += 1) {
    roll.add([`socket-${n}`]);
    if (roll.size > 20) await until(() => roll.size <= 20, { what: 'the oldest are forgotten' });
  }
  watch.close();
});

test('a socket that had to be forgotten is no proof that it is gone: totals say whether anything is left', async () => {
  const server = await startServer();
  let isListing = false;
  const front = await startFront(server, (path, answer) => (path === '/api/sockets' && !isListing ? {} : answer));
  const { watch, connect } = await watchOf(front);
  const roll = new SocketRoll(watch.admin, 10);
  const stuck = await connect('somebody');
  roll.add([stuck]);
  for (let n = 0; n < 25; n += 1) roll.add([`gone-${n}`]);
  await until(() => roll.size < 26, { what: 'the oldest are forgotten' });
  isListing = true;
  expect(await roll.findLeft()).toMatchObject({ ids: [] });
  const judge = () => judgeLeaks(watch, { sockets: roll, settleMs: 0 });
  expect(await judge()).toMatchObject({
    status: 'leaked',
    scope: 'server',
    findings: expect.arrayContaining(['of this run or of others: the run had more sockets than are remembered']),
  });
  expect((await server.request(`/api/sockets/${stuck}`, { method: 'DELETE' })).status).toBe(200);
  await until(async () => (await judge()).status === 'none', { what: 'nothing is left' });
  watch.close();
});

describe('where a node of the cluster does not answer', () => {
  const node = { node: 'a', connections: 1, users: 1, slots: 1, isDraining: false };

  test('its sockets are not taken for gone', async () => {
    const front = await startFront(await startServer(), (path, answer) =>
      path === '/api/sockets'
        ? { items: [], missingNodes: 1 }
        : { ...answer, cluster: { nodes: [node], missingNodes: 1 } },
    );
    const { watch, connect } = await watchOf(front);
    const roll = new SocketRoll(watch.admin, 10);
    roll.add([await connect('somebody')]);
    for (let n = 0; n < 12; n += 1) roll.add([`gone-${n}`]);
    expect(await judgeLeaks(watch, { sockets: roll, settleMs: 0 })).toEqual({
      status: 'not judged',
      findings: ['not every node of the cluster answered'],
    });
    expect(roll.size).toBe(13);
    expect(await judgeLeaks(watch, { sockets: undefined, settleMs: 0 })).toMatchObject({ status: 'not judged' });
    watch.close();
  });

  test('it is asked again while the server has time', async () => {
    let asked = 0;
    const front = await startFront(await startServer(), (path, answer) => {
      if (path === '/api/stats') asked += 1;
      return { ...answer, cluster: { nodes: [node], missingNodes: asked === 2 ? 1 : 0 } };
    });
    const { watch } = await watchOf(front);
    const verdict = await judgeLeaks(watch, { sockets: new SocketRoll(watch.admin), settleMs: 60_000 });
    expect(verdict).toEqual({ status: 'none', scope: 'run', findings: [] });
    expect(asked).toBeGreaterThanOrEqual(3);
    watch.close();
  });
});

test('the totals of a cluster are those of all its nodes, whichever of them answers', async () => {
  let there = 1;
  const front = await startFront(await startServer(), (_path, answer) => {
    const nodes = [0, there].map((n) => ({ node: `${n}`, connections: n, users: n, slots: n, isDraining: false }));
    return { ...answer, connections: 0, slots: 0, users: 0, cluster: { nodes, missingNodes: 0 } };
  });
  const { watch } = await watchOf(front);
  const judge = () => judgeLeaks(watch, { sockets: undefined, settleMs: 0 });
  expect(await judge()).toEqual({ status: 'none', scope: 'server', findings: [] });
  there = 3;
  expect(await judge()).toMatchObject({
    status: 'leaked',
    findings: expect.arrayContaining(['2 connections left (1 before, 3 after)']),
  });
  watch.close();
});
