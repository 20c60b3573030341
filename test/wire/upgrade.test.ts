import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Wire } from '../../src/wire/wire.ts';
import type { WireOptions } from '../../src/wire/wire-options.ts';
import { openTestWire } from './stock-server.ts';

const OPEN = { sid: 'x', upgrades: ['websocket'], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1e6 };

/** A server that holds the request of the polling for ever, and never ends a WebSocket by itself. */
async function startHolding(options: WireOptions = {}) {
  const polls: ServerResponse[] = [];
  const http = createServer((request, response) => {
    if (request.method === 'POST') response.end('ok');
    else if (request.url?.includes('sid=')) polls.push(response);
    else response.end(`0${JSON.stringify(OPEN)}`);
  });
  const sockets = new WebSocketServer({ server: http });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
    for (const socket of sockets.clients) socket.terminate();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const wire = await openTestWire(url, { ...options, transport: 'polling' });
  const probing = once(sockets, 'connection').then(async ([socket]) => {
    await once(socket, 'message');
    return socket as WebSocket;
  });
  return { wire, polls, probing };
}

const ENDS: [string, (wire: Wire, polls: ServerResponse[]) => void][] = [
  ['drop()', (wire) => wire.drop()],
  ['close()', (wire) => void wire.close()],
  ['a close packet of the server', (_wire, polls) => void polls[0]?.end('1')],
];

describe.each(ENDS)('%s during an upgrade ends the WebSocket, too,', (_name, end) => {
  test('before the server has answered the probe', async () => {
    const { wire, polls, probing } = await startHolding();
    const upgrade = wire.upgrade();
    const socket = await probing;
    const gone = once(socket, 'close');
    end(wire, polls);
    await expect(upgrade).rejects.toMatchObject({ kind: 'closed' });
    await Promise.all([gone, wire.closed]);
  });

  test('while the last request is under way', async () => {
    const { wire, polls, probing } = await startHolding();
    const upgrade = wire.upgrade();
    const socket = await probing;
    const gone = once(socket, 'close');
    socket.send('3probe');
    socket.ping();
    await once(socket, 'pong');
    end(wire, polls);
    await expect(upgrade).rejects.toMatchObject({ kind: 'closed' });
    await Promise.all([gone, wire.closed]);
  });
});

test('a server that never answers the probe is given up on after `timeoutMs`', async () => {
  const { wire, probing } = await startHolding({ timeoutMs: 1_500 });
  const upgrade = wire.upgrade();
  const gone = probing.then((socket) => once(socket, 'close'));
  await expect(upgrade).rejects.toMatchObject({ kind: 'timeout', message: expect.stringContaining('1500ms') });
  await gone;
});

test('a connection that has ended is not upgraded', async () => {
  const { wire } = await startHolding();
  wire.drop();
  await wire.closed;
  await expect(wire.upgrade()).rejects.toMatchObject({ kind: 'closed' });
});
