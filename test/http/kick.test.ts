import { expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { disconnected, nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

test('DELETE /api/sockets/:id ends that socket', async () => {
  const { url, token, request } = await startServer();
  const [socket, other] = [
    await connectClient(url, { token: token('42') }),
    await connectClient(url, { token: token('42') }),
  ];
  const ended = disconnected(socket);
  const kick = async (id: string) =>
    (await request(`/api/sockets/${encodeURIComponent(id)}`, { method: 'DELETE' })).json();
  expect(await kick(socket.ready.socketId)).toEqual({ ok: true, closed: 1 });
  expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'KICKED', message: 'Closed by an administrator' });
  expect(await ended).toBe('io server disconnect');
  for (const id of [socket.ready.socketId, 'nobody', 'user:42', '__proto__']) {
    expect(await kick(id)).toEqual({ ok: true, closed: 0 });
  }
  expect(await other.emitWithAck('ping')).toMatchObject({ ok: true });
});

test('DELETE /api/users/:userId/sockets ends all of a user', async () => {
  const { url, token, request } = await startServer();
  const userId = 'Zoë/../4 2?';
  const sockets = await Promise.all([1, 2].map(() => connectClient(url, { token: token(userId) })));
  const other = await connectClient(url, { token: token('42') });
  const path = `/api/users/${encodeURIComponent(userId)}/sockets`;
  expect(await (await request(path, { method: 'DELETE' })).json()).toEqual({ ok: true, closed: 2 });
  for (const socket of sockets)
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'KICKED', retry: false });
  expect(await (await request(path, { method: 'DELETE' })).json()).toEqual({ ok: true, closed: 0 });
  expect(await other.emitWithAck('ping')).toMatchObject({ ok: true });
});
