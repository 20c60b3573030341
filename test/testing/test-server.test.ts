import { io } from 'socket.io-client';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { defineEvents, getRealtimeServer, RtError } from '../../src/index.ts';
import { createTestServer, nextEvent } from '../../src/testing/index.ts';

const events = defineEvents({ news: z.object({ n: z.number() }) });

test('connects users by name and hands over their events, each once, in order', async () => {
  const { connectAs, server } = await createTestServer({ events, closeAfter: onTestFinished });
  const socket = await connectAs('42');
  for (const n of [1, 2, 3]) server.emitter.emit('news', { n }, { users: ['42'] });
  expect(await nextEvent(socket, 'news', { match: ({ n }) => n > 1 })).toEqual({ n: 2 });
  expect(await nextEvent(socket, 'news')).toEqual({ n: 1 });
  expect(await nextEvent(socket, 'news')).toEqual({ n: 3 });
  expect((await nextEvent(socket, 'ready')).userId).toBe('42');
});

test('says what came instead, and does not wait for a connection that has ended', async () => {
  const { connectAs, server } = await createTestServer({ events, closeAfter: onTestFinished });
  const socket = await connectAs('42');
  server.emitter.emit('news', { n: 1 });
  await expect(nextEvent(socket, 'pong', { timeoutMs: 150 })).rejects.toThrow(
    /no event "pong" within 150 ms; came instead: ready .*, news \{"n":1\}/,
  );
  const waiting = nextEvent(socket, 'pong');
  server.users.kick('42');
  await expect(waiting).rejects.toThrow('no event "pong" before the connection ended');
  await expect(nextEvent(socket, 'pong')).rejects.toThrow('it was over already');
});

test('reads a socket of socket.io-client too', async () => {
  const { url, token } = await createTestServer({ closeAfter: onTestFinished });
  const socket = io(url, { auth: { token: token('7') }, reconnection: false, autoConnect: false });
  onTestFinished(() => void socket.disconnect());
  const ready = new Promise((resolve) => socket.on('ready', resolve));
  socket.connect();
  await ready;
  const pong = nextEvent<{ lastSeen: number }>(socket, 'pong');
  socket.emit('ping');
  expect((await pong).lastSeen).toBeGreaterThan(0);
});

test('waits for a socket that is still connecting, unless it is refused', async () => {
  const { url, token } = await createTestServer({ closeAfter: onTestFinished });
  const open = (auth: object) => {
    const socket = io(url, { auth, reconnection: false, forceNew: true });
    onTestFinished(() => void socket.disconnect());
    return socket;
  };
  const ready = await nextEvent<{ userId: string }>(open({ token: token('7') }), 'ready');
  expect(ready.userId).toBe('7');
  await expect(nextEvent(open({}), 'ready', { timeoutMs: 30_000 })).rejects.toThrow(
    'no event "ready" as the connection was refused (Authentication required)',
  );
});

test.for(['before', 'after'])('hands over what `match` throws about an event that came %s the call', async (when) => {
  const { connectAs, server } = await createTestServer({ events, closeAfter: onTestFinished });
  const socket = await connectAs('42');
  const send = async () => {
    server.emitter.emit('news', { n: 1 });
    // Answered after what was sent before.
    await socket.ping();
  };
  const match = ({ n }: { n: number }) => {
    expect(n).toBe(2);
    return true;
  };
  if (when === 'before') await send();
  const news = nextEvent(socket, 'news', { match, timeoutMs: 30_000 });
  const rejected = expect(news).rejects.toThrow('expected 1 to be 2');
  if (when === 'after') await send();
  await rejected;
  expect(await nextEvent(socket, 'news')).toEqual({ n: 1 });
});

test('refuses with the code of the refusal, by the settings of the server', async () => {
  const { connectAs } = await createTestServer({
    auth: { issuer: 'https://login.example' },
    limits: { connectionsPerUser: 1 },
    closeAfter: onTestFinished,
  });
  await connectAs('42');
  await expect(connectAs('42')).rejects.toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED' });
  await expect(connectAs('43', { claims: { iss: 'somebody else' } })).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
});

test('closes everything when the test is over: by `await using`, by `close`, twice too', async () => {
  let reason: Promise<RtError | undefined>;
  {
    await using started = await createTestServer();
    reason = (await started.connectAs('42')).closed;
  }
  expect(await reason).toBeUndefined();
  expect(() => getRealtimeServer()).toThrow(RtError);
  const again = await createTestServer();
  await Promise.all([again.close(), again.close()]);
  expect(() => getRealtimeServer()).toThrow(RtError);
});

test('a server that an earlier test has left open is told with how to close it', async () => {
  await createTestServer({ closeAfter: onTestFinished });
  await expect(createTestServer()).rejects.toThrow('of an earlier createTestServer() by `closeAfter`');
});
