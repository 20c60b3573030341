import { Manager } from 'socket.io-client';
import { expect, onTestFinished, test } from 'vitest';
import { nextEvent, recordEvents } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

test('a client that shares its transport with another namespace may leave and come back', async () => {
  const { server, url, token } = await startServer();
  server.io.of('/other').on('connection', () => {});
  const manager = new Manager(url, { transports: ['websocket'], reconnection: false });
  onTestFinished(() => manager._close());
  const other = manager.socket('/other');
  const socket = manager.socket('/', { auth: { token: token('42') } });
  recordEvents(socket);
  const refusals: Error[] = [];
  socket.on('connect_error', (error) => refusals.push(error));
  socket.connect();
  other.connect();
  await until(() => socket.connected && other.connected);
  await nextEvent(socket, 'ready');
  socket.disconnect();
  await until(() => !server.users.isOnline('42'));
  socket.connect();
  await until(() => socket.connected || refusals.length > 0);
  expect(refusals).toEqual([]);
  expect(await nextEvent(socket, 'ready')).toMatchObject({ userId: '42' });
  expect(other.connected).toBe(true);
});
