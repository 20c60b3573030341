import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectPeer } from '../support/peers/connected-peer.ts';
import { halfRequestPeer, tcpPeer } from '../support/peers/half-open.ts';
import { slowReaderPeer } from '../support/peers/slow-reader.ts';
import { type BuiltServer, startBuiltServer } from './built-server.ts';
import { clingingPeer, upgradeRequest, WEBSOCKET_PATH } from './clinging-peer.ts';

const timeoutMs = 30_000;
const CLIENTS = 200;
const SPREAD_MS = 2_000;

const connectMany = (server: BuiltServer, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, place) =>
      connectPeer(server.url, { auth: { token: server.token(`user-${place}`) }, timeoutMs }),
    ),
  );

test('200 clients are told SERVER_SHUTDOWN over the spread, and the program ends with 0', async () => {
  const server = await startBuiltServer({ shutdown: { spread: SPREAD_MS, timeout: '20s' } });
  const peers = await connectMany(server, CLIENTS);
  const closings = peers.map(({ wire }) => wire.next('closing', { timeoutMs }));
  const ends = peers.map(({ wire }) => wire.untilClosed({ timeoutMs }));
  server.cli.kill('SIGTERM');
  await server.cli.waitForLine('"server.draining"');

  // The spread has only begun: whoever asks now is told.
  const ready = await fetch(new URL('/readyz', server.url));
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 'draining' });
  expect((await fetch(new URL('/healthz', server.url))).status).toBe(200);
  const late = await openWire(server.url, { timeoutMs });
  const answer = await late.connect({ auth: { token: server.token('late') }, timeoutMs });
  expect(answer).toMatchObject({ ok: false, code: 'SERVER_SHUTDOWN', data: { retry: true } });

  const told = await Promise.all(closings);
  for (const { payload } of told) expect(payload).toMatchObject({ code: 'SERVER_SHUTDOWN', retry: true });
  const at = told.map((closing) => closing.at);
  expect(Math.max(...at) - Math.min(...at)).toBeGreaterThan(SPREAD_MS / 2);
  for (const { by } of await Promise.all(ends)) expect(by).toBe('server');
  expect(await server.cli.exit).toEqual({ code: 0, signal: null });
  expect(server.cli.stdout).toContain('"server.stopped"');
  expect(server.cli.stderr).toBe('');
});

test('an acknowledgement that is under way is finished, and the HTTP answer has it', async () => {
  const server = await startBuiltServer({ shutdown: { timeout: '20s', spread: 0 } });
  const { wire } = await connectPeer(server.url, { auth: { token: server.token('42') } });
  const body = { event: 'question', payload: 1, to: { users: ['42'] }, ack: { timeoutMs: 9_000 } };
  const emitted = server.request('/api/emit', { body });
  const question = await wire.next('question', { timeoutMs });
  server.cli.kill('SIGTERM');
  await server.cli.waitForLine('"server.draining"');
  question.reply?.('answer');
  const response = await emitted;
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ recipients: 1, acks: [{ userId: '42', ok: true, value: 'answer' }] });
  expect(await server.cli.exit).toEqual({ code: 0, signal: null });
});

test.each(['SIGTERM', 'SIGINT'] as const)('a second %s ends the program at once', async (signal) => {
  const server = await startBuiltServer({ shutdown: { timeout: '120s' } });
  const { wire } = await connectPeer(server.url, { auth: { token: server.token('42') } });
  const body = { event: 'question', to: { users: ['42'] }, ack: { timeoutMs: 60_000 } };
  // Never answered, so that the tidy end would take a minute.
  const emitted = server.request('/api/emit', { body }).catch(() => 'cut off');
  await wire.next('question', { timeoutMs });
  server.cli.kill(signal);
  await server.cli.waitForLine('"server.draining"');
  // Of the signal itself: a shell makes 130 of it.
  expect(await server.cli.stop(signal)).toEqual({ code: null, signal: 'SIGINT' });
  expect(await emitted).toBe('cut off');
});

test('nobody who holds on to a connection holds up the end beyond shutdown.timeout', async () => {
  const shutdownMs = 3_000;
  const server = await startBuiltServer({ shutdown: { timeout: shutdownMs, spread: 0 } });
  const { url } = server;
  const auth = { token: server.token('42') };
  await tcpPeer(url);
  await halfRequestPeer(url);
  await Promise.all(
    [
      clingingPeer(url, upgradeRequest(WEBSOCKET_PATH)),
      clingingPeer(url, upgradeRequest(WEBSOCKET_PATH, 'Origin: https://evil.example')),
      clingingPeer(url, upgradeRequest('/elsewhere')),
      clingingPeer(url, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    ].map(({ answered }) => answered),
  );
  const unconnected = await openWire(url);
  unconnected.pause();
  const slow = await slowReaderPeer(url, { auth });
  const idle = await connectPeer(url, { auth, transport: 'polling' });
  idle.wire.pause();
  const startedAt = performance.now();
  expect(await server.cli.stop('SIGTERM', { withinMs: timeoutMs })).toEqual({ code: 0, signal: null });
  // What the machine needs on top of it is a matter of its speed; a wait of ws or of the client's would be 30 s.
  expect(performance.now() - startedAt).toBeLessThan(shutdownMs + 10_000);
  unconnected.drop();
  unconnected.resume();
  await slow.close();
  idle.wire.drop();
});
