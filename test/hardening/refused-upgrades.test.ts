import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectAftermath } from './aftermath.ts';
import { startBuiltServer } from './built-server.ts';
import { clingingPeer, upgradeRequest, WEBSOCKET_PATH } from './clinging-peer.ts';

const timeoutMs = 25_000;

const EVIL = upgradeRequest(WEBSOCKET_PATH, 'Origin: https://evil.example');
const OLD = upgradeRequest('/socket.io/?EIO=3&transport=websocket');
const ELSEWHERE = upgradeRequest('/elsewhere');
const KEPT = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
const LAST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

const REFUSED = [
  ['a foreign origin', EVIL],
  ['an old version', OLD],
  ['another path', ELSEWHERE],
  ['an unknown session', upgradeRequest(`${WEBSOCKET_PATH}&sid=unknown`)],
] as const;

async function tcp(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {}).resume();
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

describe.each(REFUSED)('an upgrade with %s', (_name, upgrade) => {
  test('whose client resets the connection at once does not end the process', async () => {
    const server = await startBuiltServer();
    for (let count = 0; count < 100; count += 1) {
      const socket = await tcp(server.url);
      socket.write(upgrade);
      socket.resetAndDestroy();
    }
    await expectAftermath(server);
  });

  test.each([
    ['an answered request', KEPT],
    ['a request that asked to close', LAST],
    ['a bad request', 'POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'],
  ])('right behind %s on the same connection does no harm', async (_before, before) => {
    const server = await startBuiltServer({ shutdown: { timeout: '2s', spread: 0 } });
    for (let count = 0; count < 20; count += 1) {
      const socket = await tcp(server.url);
      socket.write(before + upgrade);
      if (count % 2 === 0) socket.end();
    }
    const { answered } = clingingPeer(server.url, before + upgrade);
    await answered;
    await expectAftermath(server);
    expect(await server.cli.stop('SIGTERM', { withinMs: timeoutMs })).toEqual({ code: 0, signal: null });
  });
});
