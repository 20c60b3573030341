import { io } from 'socket.io-client';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { defineEvents, defineModule } from '../../src/index.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { nextEvent, recordEvents } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

const options = (auth: { secret: string }, more: object = {}) => ({ auth, port: 0, shutdown: { spread: 0 }, ...more });

test('every limit that is live holds from the next use on', async () => {
  const { server, url, token, secret, request } = await startServer();
  const socket = await connectClient(url, { token: token('42') });
  const limits = { eventsPerSecond: 1, roomsPerSocket: 1, connections: 2, connectsPerSecond: 1, bufferedBytes: 5_000 };
  const report = server.reload(options({ secret }, { limits }));
  expect(report.changed.map(({ key }) => key).sort()).toEqual(
    Object.keys(limits)
      .map((key) => `limits.${key}`)
      .sort(),
  );
  expect(report).toMatchObject({ renewed: [], needsRestart: [] });

  const acks = await Promise.all(Array.from({ length: 6 }, () => socket.emitWithAck('room:join', { room: 'a' })));
  expect(acks.map(({ ok }) => ok)).toEqual([true, true, false, false, false, false]);
  expect(await (await request('/api/stats')).json()).toMatchObject({ limits });
  await connectClient(url, { token: token('43') });
  expect((await expectRefusal(url, { token: token('44') })).data.code).toBe('SERVER_AT_CAPACITY');
  expect((await expectRefusal(url, { token: token('45') })).data.code).toBe('RATE_LIMITED');
  expect(socket.connected).toBe(true);
});

test('what is wrong changes nothing at all', async () => {
  const { server, url, token, secret, logs } = await startServer({ limits: { connectionsPerUser: 1 } });
  await connectClient(url, { token: token('42') });
  const twice = ['a', 'b'].map((name) => defineModule({ name, handlers: { same: () => ({}) } }));
  const limits = { connectionsPerUser: 5 };
  for (const wrong of [{ limits, modules: twice }, { limits, path: '/api' }, { limits: { connectionsPerUser: 0 } }]) {
    expect(() => server.reload(options({ secret }, wrong))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  }
  await expectRefusal(url, { token: token('42') });
  expect(logs.of('config.reloaded')).toEqual([]);
});

test('events are checked by the schemas that are new, and those who watch are told', async () => {
  const before = defineEvents({ changed: z.object({ version: z.number() }) });
  const { server, url, secret, request, adminToken } = await startServer({ events: before });
  const watcher = io(`${url}/admin`, { auth: { token: adminToken }, forceNew: true, transports: ['websocket'] });
  onTestFinished(() => void watcher.disconnect());
  recordEvents(watcher);
  await new Promise<void>((resolve) => watcher.once('connect', resolve));
  expect(await nextEvent(watcher, 'welcome')).toMatchObject({ events: ['changed'] });
  const events = defineEvents({ changed: z.object({ version: z.string() }), removed: z.object({}) });
  expect(server.reload(options({ secret }, { events })).renewed).toEqual(['events']);

  expect((await request('/api/emit', { body: { event: 'changed', payload: { version: 3 } } })).status).toBe(400);
  expect((await request('/api/emit', { body: { event: 'changed', payload: { version: '3' } } })).status).toBe(200);
  expect(await nextEvent(watcher, 'welcome')).toMatchObject({ events: ['changed', 'removed'] });
});

test("a module's hooks and rooms are the new one's, also for those who are there", async () => {
  const { server, url, token, secret } = await startServer({
    modules: [defineModule({ name: 'old', roomPrefix: 'old/', handlers: { 'old:ask': () => ({}) } })],
  });
  const socket = await connectClient(url, { token: token('42') });
  let gone = (_userId: string) => {};
  const left = new Promise<string>((resolve) => {
    gone = resolve;
  });
  const fresh = defineModule({ name: 'new', roomPrefix: 'new/', onDisconnect: ({ userId }) => gone(userId) });
  expect(server.reload(options({ secret }, { modules: [fresh] })).renewed).toEqual(['modules']);

  expect(await socket.timeout(5_000).emitWithAck('old:ask')).toMatchObject({ error: { code: 'EVENT_UNKNOWN' } });
  expect(await socket.emitWithAck('room:join', { room: 'old/1' })).toMatchObject({ ok: true });
  expect(await socket.emitWithAck('room:join', { room: 'new/1' })).toMatchObject({ error: { code: 'ROOM_FORBIDDEN' } });
  socket.disconnect();
  expect(await left).toBe('42');
});

test('an own check is replaced by another, and not by none', async () => {
  const { server, url, secret } = await startServer({ authenticate: () => ({ userId: 'first' }) });
  const withCheck = (userId: string) => options({ secret }, { authenticate: () => ({ userId }) });
  expect(server.reload(withCheck('second')).renewed).toEqual(['authenticate']);
  expect((await connectClient(url)).ready.userId).toBe('second');
  expect(server.reload(options({ secret })).needsRestart).toEqual(['authenticate']);
  expect((await connectClient(url)).ready.userId).toBe('second');
});
