import { describe, expect, test } from 'vitest';
import type { Wire } from '../../src/wire/wire.ts';
import { connectPeer } from '../support/peers/connected-peer.ts';
import { duplicateConnectPeer } from '../support/peers/duplicate-connect.ts';
import { FORGERIES } from '../support/peers/forgeries.ts';
import { forgingPeer } from '../support/peers/forging.ts';
import { fragmentingPeer } from '../support/peers/fragmenting.ts';
import { muteTransportPeer } from '../support/peers/mute-transport.ts';
import { silentPeer } from '../support/peers/silent.ts';
import { startServer } from '../support/start-server.ts';
import { expectAftermath, expectService, untilEmpty } from './aftermath.ts';
import { readStats, startBuiltServer } from './built-server.ts';

const timeoutMs = 15_000;
const answerTo = (wire: Wire) => wire.emitWithAck('ping', undefined, { timeoutMs });

describe('a forgery is survived, in the namespace and before it', () => {
  test.each(FORGERIES)('$name', async (forgery) => {
    const started = await startServer();
    const { url, token, logs } = started;
    const neighbour = await connectPeer(url, { auth: { token: token('neighbour') } });
    for (const isConnected of [true, false]) {
      const peer = await forgingPeer(url, forgery, { isConnected, auth: { token: token('forger') } });
      expect(await answerTo(neighbour.wire)).toMatchObject({ ok: true });
      await peer.close();
    }
    expect(neighbour.wire.closing).toBeUndefined();
    await neighbour.close();
    await untilEmpty(started);
    expect(logs.lines.filter(({ level, msg }) => level >= 50 || msg === 'handler.failed')).toEqual([]);
  });
});

test('the built program survives all forgeries at once, and answers a neighbour meanwhile', async () => {
  const server = await startBuiltServer();
  const neighbour = await connectPeer(server.url, { auth: { token: server.token('neighbour') } });
  const peers = await Promise.all(
    FORGERIES.flatMap((forgery, place) =>
      [true, false].map((isConnected) => {
        const auth = { token: server.token(`forger-${place}`) };
        return forgingPeer(server.url, forgery, { isConnected, auth, timeoutMs });
      }),
    ),
  );
  expect(await answerTo(neighbour.wire)).toMatchObject({ ok: true });
  await Promise.all(peers.map((peer) => peer.close()));
  await neighbour.close();
  await expectAftermath(server);
});

test('forgeries by an administrator, and in front of one who watches, are survived', async () => {
  const server = await startBuiltServer();
  const { url, token, adminToken } = server;
  const { wire: viewer } = await connectPeer(url, { auth: { token: token('viewer') } });
  const entered = await viewer.connect({ namespace: '/admin', auth: { token: adminToken }, timeoutMs });
  expect(entered).toMatchObject({ ok: true });
  const watch = (query: string) => viewer.sendText(`42/admin,["watch",${query}]`);
  watch('{"view":"events","filter":"event:x in","payloads":true,"intervalMs":50}');
  const peer = await connectPeer(url, { auth: { token: token('forger') } });
  const nameless = ['42', '427', '42/,', '42[5,{"a":1}]', '42[1e400]', '428[7]', '42["",null]'];
  for (const packet of [...nameless, '42["x",{"__proto__":{"event":1}}]']) peer.wire.sendText(packet);
  expect(await answerTo(peer.wire)).toMatchObject({ ok: true });
  await viewer.next('snapshot', { since: viewer.mark, timeoutMs });
  for (const query of ['null', '7', '[]', '{"view":"__proto__"}', '{"filter":{"a":1},"intervalMs":-1}', '"x"']) {
    watch(query);
  }
  expect(await viewer.emitWithAck('watch', {}, { namespace: '/admin', timeoutMs })).toMatchObject({ ok: true });
  const forgers = await Promise.all(
    FORGERIES.map((forgery, place) => forgingPeer(url, forgery, { auth: { token: token(`forger-${place}`) } })),
  );
  expect(await answerTo(viewer)).toMatchObject({ ok: true });
  await Promise.all([viewer, peer, ...forgers].map((each) => each.close()));
  await expectAftermath(server);
});

test.each(['websocket', 'polling'] as const)(
  'CONNECT sent 5 times in one breath is one admission at most, and one slot, over %s',
  async (transport) => {
    const server = await startBuiltServer({ limits: { connectionsPerUser: 1 } });
    const auth = { token: server.token('42') };
    const peers = await Promise.all(
      Array.from({ length: 10 }, () => duplicateConnectPeer(server.url, { auth, transport, timeoutMs })),
    );
    expect((await readStats(server)).slots).toBeLessThanOrEqual(1);
    await Promise.all(peers.map(({ wire }) => wire.untilClosed({ timeoutMs })));
    for (const { admissions } of peers) expect(admissions).toBeLessThanOrEqual(1);
    await untilEmpty(server);
    const again = await connectPeer(server.url, { auth });
    expect((await readStats(server)).slots).toBe(1);
    await again.close();
    await expectAftermath(server);
  },
);

test('messages in crumbs are put together, and one that never ends is not waited for', async () => {
  const server = await startBuiltServer();
  const peer = await fragmentingPeer(server.url, { auth: { token: server.token('42') } });
  peer.send('42["room:join",{"room":"crumbs"}]', { frameBytes: 1 });
  await peer.trickle('42["ping"]', { pieceBytes: 1 });
  expect(await answerTo(peer.wire)).toMatchObject({ ok: true });
  expect(await (await server.request('/api/rooms?prefix=crumbs')).json()).toMatchObject({ items: [{ sockets: 1 }] });
  peer.send('42["ping"]', { frameBytes: 2, isFinished: false });
  await expectService(server);
  peer.wire.drop();
  await expectAftermath(server);
});

test('a transport that does not answer, and a client that sends no heartbeat, are closed and forgotten', async () => {
  const server = await startBuiltServer({
    engine: { pingInterval: 300, pingTimeout: 300 },
    heartbeat: { timeout: '600ms' },
  });
  const silent = await silentPeer(server.url, { auth: { token: server.token('silent') } });
  const mute = await muteTransportPeer(server.url, { auth: { token: server.token('mute') } });
  const closing = await silent.wire.next('closing', { timeoutMs });
  expect(closing.payload).toMatchObject({ code: 'HEARTBEAT_TIMEOUT', retry: true });
  for (const { wire } of [silent, mute]) expect((await wire.untilClosed({ timeoutMs })).by).toBe('server');
  await expectAftermath(server);
});
