import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { DROP_STEPS, dropAt } from '../support/peers/dropping.ts';
import { LONG_TOKEN } from '../support/peers/forgeries.ts';
import { halfRequestPeer, requestPeer, tcpPeer, unconnectedPeer } from '../support/peers/half-open.ts';
import { wrongVersionPeer } from '../support/peers/wrong-version.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';
import { expectAftermath } from './aftermath.ts';
import { startBuiltServer } from './built-server.ts';
import { clingingPeer, upgradeRequest, WEBSOCKET_PATH } from './clinging-peer.ts';

type Started = Awaited<ReturnType<typeof startServer>>;

const timeoutMs = 15_000;

/** TCP connections that the server still holds, whatever became of what was spoken over them. */
function countTcp({ server }: Started): Promise<number> {
  return new Promise((resolve, reject) => {
    server.http.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

test.each([
  ['says nothing', tcpPeer],
  ['stops in the middle of a request', halfRequestPeer],
])('a TCP connection that %s is closed after limits.connectTimeout', async (_what, open) => {
  const started = await startServer({ limits: { connectTimeout: 300 } });
  const peer = await open(started.url);
  await peer.closed;
  await until(async () => (await countTcp(started)) === 0, { what: 'no TCP connection' });
});

test('TCP connections without a word, and half requests, keep nobody else waiting', async () => {
  const server = await startBuiltServer();
  const peers = await Promise.all(
    Array.from({ length: 100 }, (_, place) => [tcpPeer, halfRequestPeer, requestPeer][place % 3]?.(server.url)),
  );
  await expectAftermath(server);
  await Promise.all(peers.map((peer) => peer?.close()));
  await expectAftermath(server);
});

test.each([
  { EIO: '3' },
  { EIO: '5' },
  { EIO: '' },
  { EIO: '__proto__' },
  { transport: 'flashsocket' },
  { transport: 'toString' },
])('a client that says %j is refused and leaves nothing', async (query) => {
  const started = await startServer();
  expect(await wrongVersionPeer(started.url, query, { transport: 'polling' })).toMatchObject({ status: 400 });
  // Of a wrong version engine.io says so in HTTP although the WebSocket is open: garbage to the client, but an end.
  const { kind } = (await wrongVersionPeer(started.url, query, { transport: 'websocket' })) ?? {};
  expect(kind).toMatch(/^(http|protocol)$/);
  expect(started.server.io.engine.clientsCount).toBe(0);
});

test('a WebSocket that says EIO=4 and another version too is refused in HTTP', async () => {
  const started = await startServer();
  for (const extra of ['EIO=4&EIO=3', 'EIO=3&EIO=4']) {
    const response = await new Promise<string>((resolve) => {
      const { hostname, port } = new URL(started.url);
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes;
      });
      socket.once('close', () => resolve(text));
      socket.write(upgradeRequest(`/socket.io/?${extra}&transport=websocket`));
    });
    expect(response).toMatch(/^HTTP\/1\.1 400 /);
  }
});

test('transports that never become connections are bounded where connections are', async () => {
  const started = await startServer({ limits: { connections: 1 } });
  const peers = [];
  for (let count = 0; count < 102; count += 1) peers.push(await unconnectedPeer(started.url));
  for (const transport of ['websocket', 'polling'] as const) {
    await expect(openWire(started.url, { transport })).rejects.toMatchObject({ kind: 'http', status: 503 });
  }
  expect(await (await started.request('/api/refusals')).json()).toMatchObject({
    items: [{ code: 'SERVER_AT_CAPACITY' }, { code: 'SERVER_AT_CAPACITY' }],
  });
  await peers.pop()?.close();
  await until(() => started.server.io.engine.clientsCount < 102);
  await (await openWire(started.url)).close();
});

describe('who sends no CONNECT within limits.connectTimeout', () => {
  test('is closed, also one that does not care for the answer', async () => {
    const started = await startServer({ limits: { connectTimeout: 300 } });
    const wires = await Promise.all(
      (['websocket', 'polling'] as const).map((transport) => unconnectedPeer(started.url, { transport })),
    );
    const raw = await requestPeer(started.url);
    for (const { wire } of wires) expect((await wire.untilClosed({ timeoutMs })).by).toBe('server');
    await raw.closed;
    await until(() => started.server.io.engine.clientsCount === 0);
  });

  test('is closed although it keeps trying namespaces that are not there', async () => {
    const started = await startServer({ limits: { connectTimeout: 500 } });
    const wire = await openWire(started.url);
    const trying = setInterval(() => wire.sendText('40/nowhere,{}'), 50);
    onTestFinished(() => clearInterval(trying));
    expect((await wire.untilClosed({ timeoutMs })).by).toBe('server');
  });

  test('is closed although it polls no more', async () => {
    const started = await startServer({ limits: { connectTimeout: 300 } });
    await (await fetch(new URL('/socket.io/?EIO=4&transport=polling', started.url))).text();
    await until(() => started.server.io.engine.clientsCount === 0);
  });

  test('loses its TCP connection although it never answers the close', async () => {
    const started = await startServer({ limits: { connectTimeout: 300 } });
    clingingPeer(started.url, upgradeRequest(WEBSOCKET_PATH));
    await until(() => started.server.io.engine.clientsCount === 1);
    await until(async () => (await countTcp(started)) === 0, { what: 'no TCP connection' });
  });
});

test.each(['websocket', 'polling'] as const)(
  'who leaves the namespace and stays on the transport is closed within limits.connectTimeout, over %s',
  async (transport) => {
    const started = await startServer({ limits: { connectTimeout: 300 } });
    const wire = await openWire(started.url, { transport });
    expect(await wire.connect({ auth: { token: started.token('42') } })).toMatchObject({ ok: true });
    wire.disconnect();
    expect((await wire.untilClosed({ timeoutMs })).by).toBe('server');
  },
);

test.each([
  ['an origin that is not allowed', upgradeRequest(WEBSOCKET_PATH, 'Origin: https://evil.example')],
  ['a path that is not there', upgradeRequest('/elsewhere')],
  ['an unknown session', upgradeRequest(`${WEBSOCKET_PATH}&sid=unknown`)],
])('an upgrade with %s loses its TCP connection, although the client holds on to it', async (_name, request) => {
  const started = await startServer();
  const { answered } = clingingPeer(started.url, request);
  await answered;
  await until(async () => (await countTcp(started)) === 0, { what: 'no TCP connection' });
});

test('a token of 50,000 characters is refused wherever it stands, and is nowhere in the log', async () => {
  const server = await startBuiltServer();
  for (const token of [LONG_TOKEN, `${LONG_TOKEN}.${LONG_TOKEN.slice(0, 40_000)}`, 'x'.repeat(50_000)]) {
    const wire = await openWire(server.url);
    const answer = await wire.connect({ auth: { token } });
    expect(answer).toMatchObject({ ok: false, code: expect.stringMatching(/^(TOKEN|SESSION)_INVALID$/) });
    await wire.untilClosed({ timeoutMs });
  }
  const headers = { authorization: `Bearer ${LONG_TOKEN}` };
  expect((await fetch(new URL('/api/stats', server.url), { headers })).status).toBe(431);
  await expectAftermath(server);
  expect(server.cli.stdout).not.toContain('x'.repeat(100));
});

test('clients that vanish at every step of the handshake, 40 each, leave nothing behind', async () => {
  const server = await startBuiltServer({ limits: { connectTimeout: '1s' } });
  const auth = { token: server.token('42') };
  for (const step of DROP_STEPS) {
    await Promise.all(
      Array.from({ length: 40 }, (_, place) =>
        dropAt(server.url, step, { auth, reset: place % 2 === 0, timeoutMs }).catch((error: unknown) => {
          throw new Error(step, { cause: error });
        }),
      ),
    );
    await expectAftermath(server);
  }
});
