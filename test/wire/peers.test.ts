import { describe, expect, onTestFinished, test } from 'vitest';
import type { Peer } from '../support/peers/connected-peer.ts';
import { DROP_STEPS, dropAt } from '../support/peers/dropping.ts';
import { duplicateConnectPeer } from '../support/peers/duplicate-connect.ts';
import { floodingPeer } from '../support/peers/flooding.ts';
import { FORGERIES, LONG_TOKEN } from '../support/peers/forgeries.ts';
import { forgingPeer } from '../support/peers/forging.ts';
import { fragmentingPeer } from '../support/peers/fragmenting.ts';
import { halfRequestPeer, tcpPeer, unconnectedPeer } from '../support/peers/half-open.ts';
import { muteTransportPeer } from '../support/peers/mute-transport.ts';
import { silentPeer } from '../support/peers/silent.ts';
import { slowReaderPeer } from '../support/peers/slow-reader.ts';
import { wrongVersionPeer } from '../support/peers/wrong-version.ts';
import { connectTestWire, POLL, startStockServer } from './stock-server.ts';

async function guard<SomePeer extends Peer>(opening: Promise<SomePeer>): Promise<SomePeer> {
  const peer = await opening;
  onTestFinished(() => peer.close());
  return peer;
}

test('a silent peer answers the transport and says nothing', async () => {
  const server = await startStockServer({ pingInterval: 20, pingTimeout: 5_000 });
  const heard: string[] = [];
  server.io.on('connection', (socket) => socket.onAny((event) => heard.push(event)));
  const { wire } = await guard(silentPeer(server.url));
  await expect.poll(() => wire.counts.pings, POLL).toBeGreaterThan(3);
  expect(heard).toEqual([]);
});

test('a mute transport is put out for its heartbeat', async () => {
  const server = await startStockServer({ pingInterval: 200, pingTimeout: 100 });
  const { wire } = await guard(muteTransportPeer(server.url));
  expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
});

test('an unconnected peer is up and in no namespace', async () => {
  const server = await startStockServer({ connectTimeout: 50 });
  const { wire } = await guard(unconnectedPeer(server.url));
  expect(server.io.sockets.sockets.size).toBe(0);
  expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
});

test('half-open TCP connections stay until somebody ends them', async () => {
  const server = await startStockServer();
  for (const open of [tcpPeer, halfRequestPeer]) {
    const peer = await guard(open(server.url));
    await peer.close();
    await peer.closed;
  }
  expect(server.io.engine.clientsCount).toBe(0);
});

test('a slow reader makes the server keep what it does not take', async () => {
  const server = await startStockServer();
  const reader = await guard(slowReaderPeer(server.url));
  const [socket] = server.io.sockets.sockets.values();
  if (socket === undefined) throw new Error('no socket');
  const payload = 'x'.repeat(1_000_000);
  let sent = 0;
  await expect
    .poll(() => {
      for (let count = 0; count < 5; count += 1) socket.emit('n', sent++, payload);
      return (socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
    }, POLL)
    .toBeGreaterThan(10);
  reader.resume();
  await reader.wire.next('n', { match: (n) => n === sent - 1 });
  expect(reader.wire.counts.events).toBe(sent + 1);
});

test('a sipping reader gets a little each time, and everything in the end', async () => {
  const server = await startStockServer();
  const { wire, sip } = await guard(slowReaderPeer(server.url));
  const before = wire.counts.events;
  const payload = 'x'.repeat(1_000_000);
  for (let n = 0; n < 20; n += 1) server.io.emit('n', n, payload);
  sip();
  await expect.poll(() => wire.counts.events, POLL).toBeGreaterThan(before);
  expect(wire.counts.events).toBeLessThan(before + 5);
  await expect
    .poll(() => {
      sip();
      return wire.counts.events;
    }, POLL)
    .toBe(before + 20);
});

test('a flooding peer sends as fast as it is read, and stops when told', async () => {
  const server = await startStockServer();
  const peer = await guard(floodingPeer(server.url));
  await expect.poll(() => peer.sent, POLL).toBeGreaterThan(2_000);
  peer.stop();
  const { sent } = peer;
  expect(await peer.wire.emitWithAck('ping')).toEqual({ ok: true });
  expect(peer.sent).toBe(sent);
});

test('a fragmenting peer is understood', async () => {
  const server = await startStockServer();
  const peer = await guard(fragmentingPeer(server.url));
  const [socket] = server.io.sockets.sockets.values();
  const said = () => new Promise((resolve) => socket?.once('say', resolve));
  const first = said();
  peer.send('42["say","in many frames"]', { frameBytes: 3 });
  expect(await first).toBe('in many frames');
  const second = said();
  await peer.trickle('42["say","in many segments"]', { pieceBytes: 1 });
  expect(await second).toBe('in many segments');
});

test('a message without its last fragment leaves the connection hanging, and nobody else', async () => {
  const server = await startStockServer();
  const neighbour = await connectTestWire(server.url);
  const peer = await guard(fragmentingPeer(server.url));
  peer.send('42["ping"]', { frameBytes: 3, isFinished: false });
  expect(await neighbour.emitWithAck('ping')).toEqual({ ok: true });
});

test('a duplicate CONNECT gets a stock server to admit one connection several times', async () => {
  const server = await startStockServer();
  const peer = await guard(duplicateConnectPeer(server.url, { times: 3 }));
  await expect.poll(() => peer.admissions, POLL).toBe(3);
  expect(server.io.sockets.sockets.size).toBe(3);
});

test('another protocol version, or an unknown transport, is refused with a reason', async () => {
  const server = await startStockServer();
  for (const [query, code] of [
    [{ EIO: '3' }, 5],
    [{ transport: 'carrier-pigeon' }, 0],
    [{ sid: 'forged' }, 1],
  ] as const) {
    const refusal = await wrongVersionPeer(server.url, query, { transport: 'polling' });
    expect(refusal).toMatchObject({ kind: 'http', status: 400, json: { code } });
  }
  // Over WebSocket a stock server first accepts, and then writes its HTTP 400 where frames should be.
  expect(await wrongVersionPeer(server.url, { EIO: '3' })).toMatchObject({ kind: 'protocol' });
  const legacy = await startStockServer({ allowEIO3: true });
  expect(await wrongVersionPeer(legacy.url, { EIO: '3' })).toBeUndefined();
});

test('a token of 50,000 characters goes through as a credential', async () => {
  const server = await startStockServer();
  const { wire } = await guard(silentPeer(server.url, { auth: { token: LONG_TOKEN } }));
  expect(LONG_TOKEN.length).toBe(50_000);
  expect([...server.io.sockets.sockets.values()][0]?.handshake.auth['token']).toBe(LONG_TOKEN);
  expect(wire.closing).toBeUndefined();
});

test.each(DROP_STEPS)('a peer that drops %s is gone, and the server goes on', async (step) => {
  const server = await startStockServer();
  const neighbour = await connectTestWire(server.url);
  for (const reset of [true, false]) await dropAt(server.url, step, { reset });
  await expect.poll(() => server.io.engine.clientsCount, POLL).toBe(1);
  expect(server.io.sockets.sockets.size).toBe(1);
  expect(await neighbour.emitWithAck('ping')).toEqual({ ok: true });
});

describe.each([true, false])('a forging peer (connected: %s)', (isConnected) => {
  test('does the neighbour no harm, whatever it sends', async () => {
    const server = await startStockServer();
    const neighbour = await connectTestWire(server.url);
    for (const forgery of FORGERIES) {
      const peer = await forgingPeer(server.url, forgery, { isConnected });
      expect(await neighbour.emitWithAck('ping'), forgery.name).toEqual({ ok: true });
      await peer.close();
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

test('the forgeries have names of their own', () => {
  expect(new Set(FORGERIES.map(({ name }) => name)).size).toBe(FORGERIES.length);
});
