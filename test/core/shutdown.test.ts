import { describe, expect, test } from 'vitest';
import { defineModule } from '../../src/index.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { disconnected, nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';
import { within } from '../support/until.ts';

const SOON_MS = 8_000;
/** Far more than any of these stops takes, so that one which runs into it is found out. */
const shutdown = { timeout: 20_000, spread: 500 };

const sequence = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a graceful stop', () => {
  test('tells every client SERVER_SHUTDOWN before its connection ends', async () => {
    const { server, url, token, logs } = await startServer();
    const sockets = await Promise.all(sequence(5).map((n) => connectClient(url, { token: token(`u${n}`) })));
    const closings = sockets.map((socket) => nextEvent<Record<string, unknown>>(socket, 'closing'));
    await server.close();
    for (const closing of await Promise.all(closings)) {
      expect(closing).toEqual({
        code: 'SERVER_SHUTDOWN',
        message: 'Server is shutting down',
        retry: true,
        correlationId: expect.any(String),
      });
      expect(logs.of('connection.closed').map((line) => line['correlationId'])).toContain(closing['correlationId']);
    }
    expect(logs.lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('server.'))).toEqual([
      'server.listening',
      'server.draining',
      'server.stopped',
    ]);
  });

  test('spreads the closings over the window', async () => {
    const { server, url, token } = await startServer({ shutdown: { timeout: 20_000, spread: 400 } });
    const sockets = await Promise.all(sequence(8).map((n) => connectClient(url, { token: token(`u${n}`) })));
    const times = sockets.map((socket) => nextEvent(socket, 'closing').then(() => performance.now()));
    await server.close();
    const sorted = (await Promise.all(times)).sort((a, b) => a - b);
    // Eight steps of 50 ms: the last comes 350 ms after the first.
    expect((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)).toBeGreaterThan(200);
  });

  test('is safe twice, also at the same time', async () => {
    const { server, url, token, logs } = await startServer();
    await connectClient(url, { token: token('42') });
    await Promise.all([server.close(), server.close()]);
    await server.close();
    expect(logs.of('server.stopped')).toHaveLength(1);
  });

  test('frees the port', async () => {
    const { server, url, secret } = await startServer();
    const port = Number(new URL(url).port);
    await server.close();
    const again = await startServer({ port, auth: { secret } });
    expect(new URL(again.url).port).toBe(String(port));
  });

  test('does not wait for a client that leaves by itself meanwhile', async () => {
    const { server, url, token } = await startServer({ shutdown });
    const sockets = await Promise.all(sequence(10).map((n) => connectClient(url, { token: token(`u${n}`) })));
    for (const socket of sockets) socket.once('closing', () => sockets.at(-1)?.disconnect());
    await within(server.close(), SOON_MS, () => 'the stop waited for a client that was gone');
  });

  test('does not wait for a client that does not read', async () => {
    const { server, url, token } = await startServer({ shutdown });
    const wire = await openWire(url);
    await wire.connect({ auth: { token: token('42') } });
    wire.pause();
    await within(server.close(), SOON_MS, () => 'the stop waited for a client that does not read');
    wire.drop();
  });

  test('gives up on a handler that never ends, within shutdown.timeout', async () => {
    const stuck = defineModule({ name: 'stuck', handlers: { 'stuck:wait': () => new Promise(() => {}) } });
    const { server, url, token, logs } = await startServer({
      modules: [stuck],
      shutdown: { timeout: 600, spread: 0 },
    });
    const socket = await connectClient(url, { token: token('42') });
    socket.emit('stuck:wait', {});
    await socket.emitWithAck('ping');
    await within(server.close(), SOON_MS, () => 'the stop waited for a handler');
    expect(logs.of('server.stopped')).toHaveLength(1);
  });

  test('lets an acknowledgement that is under way come in', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const asked = new Promise<(answer: unknown) => void>((resolve) => {
      socket.on('ask', (_payload, answer) => resolve(answer));
    });
    const answers = server.emitter.emitWithAck('ask', 1, { users: ['42'] }, { timeoutMs: 10_000 });
    const answer = await asked;
    const closing = server.close();
    answer('yes');
    expect(await answers).toEqual([{ socketId: socket.id, userId: '42', ok: true, value: 'yes' }]);
    await closing;
  });

  test('refuses who comes meanwhile, and tells them to try again', async () => {
    let finish = () => {};
    const stuck = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = defineModule({ name: 'slow', handlers: { 'slow:wait': () => stuck } });
    const { server, url, token, logs } = await startServer({ modules: [slow], shutdown });
    const socket = await connectClient(url, { token: token('42') });
    socket.emit('slow:wait', {});
    await socket.emitWithAck('ping');
    const closing = server.close();
    await logs.next('server.draining');
    const attempt = await attemptConnection(url, { token: token('43') });
    expect(attempt).toMatchObject({ refusal: { data: { code: 'SERVER_SHUTDOWN', retry: true } } });
    expect((await fetch(new URL('/readyz', url))).status).toBe(503);
    expect((await fetch(new URL('/healthz', url))).status).toBe(200);
    finish();
    await closing;
  });

  test('does not let a handshake that was under way slip in without a goodbye', async () => {
    let admit = () => {};
    const waiting = new Promise<void>((resolve) => {
      admit = resolve;
    });
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const { server, url, logs } = await startServer({
      authenticate: async ({ auth }) => {
        const { userId } = auth as { userId: string };
        if (userId === 'late') {
          arrive();
          await waiting;
        }
        return { userId };
      },
      shutdown: { timeout: 20_000, spread: 1_000 },
    });
    const early = await Promise.all(sequence(10).map((n) => connectClient(url, { auth: { userId: `u${n}` } })));
    const wire = await openWire(url);
    const answer = wire.connect({ auth: { userId: 'late' } });
    answer.catch(() => {});
    await arrived;
    const [first] = early;
    if (first === undefined) throw new Error('nobody connected');
    const closing = server.close();
    await nextEvent(first, 'closing');
    admit();
    await closing;
    const accepted = logs.of('connection.accepted').some((line) => line['userId'] === 'late');
    if (accepted) expect(wire.events.map(({ event }) => event)).toContain('closing');
    else expect(await answer).toMatchObject({ ok: false, code: 'SERVER_SHUTDOWN' });
  });
});

test('ends the connection of a client by transport, so that it may come back', async () => {
  const { server, url, token } = await startServer();
  const socket = await connectClient(url, { token: token('42') });
  const ended = disconnected(socket);
  await server.close();
  expect(await ended).toBe('transport close');
});
