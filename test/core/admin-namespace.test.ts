import { io, type Socket } from 'socket.io-client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Refusal } from '../../src/contract/closings.ts';
import type { EventRow, RoomRow, SocketRow, WatchQuery } from '../../src/contract/snapshot.ts';
import { connectClient } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';
import { watch } from '../support/watch.ts';

async function refusalOf(url: string, auth: object): Promise<Refusal> {
  const socket: Socket = io(`${url}/admin`, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    auth,
  });
  onTestFinished(() => void socket.disconnect());
  const error = await new Promise<Error & { data?: Refusal }>((resolve) => socket.once('connect_error', resolve));
  return error.data as Refusal;
}

describe('who may watch', () => {
  test('a user without the scope is refused, with the data of every refusal, logged and listed', async () => {
    const { url, token, logs, request } = await startServer();
    const refusal = await refusalOf(url, { token: token('42') });
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', message: 'Not allowed', retry: false });
    expect(await logs.next('connection.refused')).toMatchObject({
      code: 'FORBIDDEN',
      namespace: '/admin',
      correlationId: refusal.correlationId,
    });
    const { items } = (await (await request('/api/refusals')).json()) as { items: { correlationId: string }[] };
    expect(items.map(({ correlationId }) => correlationId)).toEqual([refusal.correlationId]);
  });

  test.for([
    ['UNAUTHENTICATED', {}],
    ['TOKEN_INVALID', { token: 'a.b.c' }],
  ] as const)('nobody gets in with %s', async ([code, auth]) => {
    const { url } = await startServer();
    expect((await refusalOf(url, auth)).code).toBe(code);
  });

  test('who keeps trying tokens is stopped as at the other door', async () => {
    const { url } = await startServer({ limits: { connectsPerSecond: 1 } });
    const codes: string[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1)
      codes.push((await refusalOf(url, { token: `a.b.${attempt}` })).code);
    expect(codes.slice(0, 2)).toEqual(['TOKEN_INVALID', 'TOKEN_INVALID']);
    expect(codes.slice(2)).toContain('RATE_LIMITED');
  });

  test('the transport of a refused viewer is gone within a second', async () => {
    const { url, server } = await startServer();
    await refusalOf(url, {});
    await until(() => server.io.engine.clientsCount === 0, { withinMs: 2_000, what: 'no transport left' });
  });

  test('a revoked token ends its viewer', async () => {
    const { url, token, adminToken, request, logs } = await startServer();
    const { seen } = watch(url, token('boss', { claims: { scope: 'admin' }, expiresInMs: 3_600_000 }));
    await until(() => seen.snapshot);
    await request('/api/tokens/revoke', { body: { userId: 'boss' }, token: adminToken });
    await until(() => seen.statuses.find(({ state }) => state === 'refused'), { what: 'its end' });
    expect(seen.statuses.at(-1)).toMatchObject({ state: 'refused', error: { code: 'TOKEN_REVOKED' } });
    expect(await logs.next('connection.closed')).toMatchObject({ code: 'TOKEN_REVOKED', namespace: '/admin' });
  });
});

describe('an administrator who watches', () => {
  test('is told what the server is, once, and then what it holds', async () => {
    const { url, token, adminToken, server } = await startServer();
    await connectClient(url, { token: token('alice') });
    const { seen, rows } = watch(url, adminToken);
    await until(() => seen.snapshot);
    expect(seen.welcome).toMatchObject({ version: 1, limits: { connectionsPerUser: 3 }, events: null });
    expect(seen.snapshot).toMatchObject({ figures: { connections: 1, users: 1, rooms: 0 }, matching: 1, all: 1 });
    expect(rows<SocketRow>()[0]).toMatchObject({ userId: 'alice', transport: 'websocket', rooms: [], roomCount: 0 });
    expect(server.settings.limits.connectionsPerUser).toBe(3);
  });

  test('is told when the next snapshot comes', async () => {
    const { url, adminToken } = await startServer();
    const { seen, ask } = watch(url, adminToken);
    expect((await until(() => seen.snapshot)).nextMs).toBeGreaterThanOrEqual(200);
    ask({ view: 'rooms', intervalMs: 5_000, id: 2 });
    expect((await until(() => seen.snapshot?.query === 2 && seen.snapshot)).nextMs).toBeGreaterThanOrEqual(5_000);
  });

  test('takes no place and is in no list', async () => {
    const { url, adminToken, request, token } = await startServer({ limits: { connections: 1 } });
    const { seen } = watch(url, adminToken);
    await until(() => seen.snapshot);
    await connectClient(url, { token: token('42') });
    const stats = await (await request('/api/stats')).json();
    expect(stats).toMatchObject({ connections: 1, slots: 1, users: 1 });
    expect(seen.snapshot?.figures.users).toBeLessThanOrEqual(1);
  });

  test('sees a room appear and go', async () => {
    const { url, token, adminToken } = await startServer();
    const client = await connectClient(url, { token: token('alice') });
    const { rows } = watch(url, adminToken, { view: 'rooms' });
    await client.emitWithAck('room:join', { room: 'lobby' });
    await until(() => rows<RoomRow>().some(({ room, sockets, users }) => room === 'lobby' && sockets + users === 2));
    client.disconnect();
    await until(() => rows<RoomRow>().length === 0);
  });

  test('sees each room and user that comes and goes counted, and no socket as a room', async () => {
    const { url, token, adminToken } = await startServer();
    const before = await connectClient(url, { token: token('alice') });
    await before.emitWithAck('room:join', { room: 'lobby' });
    const { seen } = watch(url, adminToken, { view: 'refusals' });
    const counts = (users: number, rooms: number) => () =>
      seen.snapshot?.figures.users === users && seen.snapshot.figures.rooms === rooms;
    await until(counts(1, 1));
    const meanwhile = await connectClient(url, { token: token('bob') });
    await meanwhile.emitWithAck('room:join', { room: 'lobby' });
    await meanwhile.emitWithAck('room:join', { room: 'hall' });
    await until(counts(2, 2));
    before.disconnect();
    await until(counts(1, 2));
    meanwhile.disconnect();
    await until(counts(0, 0));
  });

  test('sees what is received and emitted, and payloads only after asking', async () => {
    const { url, token, adminToken, server } = await startServer();
    const client = await connectClient(url, { token: token('alice') });
    const { rows, ask, seen } = watch(url, adminToken, { view: 'events' });
    await until(() => seen.snapshot);
    server.emitter.emit('news', { secret: 1 }, { users: ['alice'] });
    await client.emitWithAck('room:join', { room: 'lobby' });
    await client.emitWithAck('ping');
    await until(() => rows<EventRow>().length === 2);
    expect(rows<EventRow>().map(({ key: _, at: __, ...row }) => row)).toEqual([
      { direction: 'in', event: 'room:join', target: 'user:alice' },
      { direction: 'out', event: 'news', target: 'user:alice', recipients: 1 },
    ]);
    ask({ view: 'events', payloads: true, id: 7, intervalMs: 200 });
    await until(() => seen.snapshot?.query === 7);
    server.emitter.emit('news', { secret: 2 });
    await until(() => rows<EventRow>()[0]?.payload === '{"secret":2}');
    expect(rows<EventRow>()[0]?.target).toBe('all');
  });

  test('gets the page asked for, sorted and filtered by the server', async () => {
    const { url, token, adminToken } = await startServer();
    for (const user of ['alice', 'bob', 'carol', 'dave']) await connectClient(url, { token: token(user) });
    const { seen, rows } = watch(url, adminToken, { sort: 'user', reverse: true, size: 2, offset: 1, view: 'sockets' });
    await until(() => seen.snapshot);
    expect(rows<SocketRow>().map(({ userId }) => userId)).toEqual(['carol', 'bob']);
    expect(seen.snapshot).toMatchObject({ offset: 1, matching: 4, all: 4 });
    const filtered = watch(url, adminToken, { view: 'sockets', filter: 'user:a !carol', sort: 'user' });
    await until(() => filtered.seen.snapshot);
    expect(filtered.rows<SocketRow>().map(({ userId }) => userId)).toEqual(['alice', 'dave']);
    expect(filtered.seen.snapshot).toMatchObject({ matching: 2, all: 4 });
  });

  test('gets rows that have not changed only once, and cannot tell', async () => {
    const { url, token, adminToken } = await startServer();
    await connectClient(url, { token: token('alice') });
    const { seen, rows } = watch(url, adminToken);
    await until(() => seen.count >= 3);
    expect(rows<SocketRow>()[0]?.userId).toBe('alice');
  });

  test('keeps its rows when the server is reloaded', async () => {
    const { url, token, adminToken, server, secret } = await startServer();
    for (const user of ['alice', 'bob']) await connectClient(url, { token: token(user) });
    const { seen, rows } = watch(url, adminToken, { view: 'sockets', sort: 'user' });
    await until(() => seen.count >= 2);
    server.reload({ auth: { secret }, port: 0, limits: { connectionsPerUser: 5 } });
    await until(() => seen.welcome?.limits.connectionsPerUser === 5);
    const { count } = seen;
    await until(() => seen.count >= count + 2);
    expect(rows<SocketRow>().map(({ userId }) => userId)).toEqual(['alice', 'bob']);
  });

  test('goes on after a snapshot that could not be taken, which is logged once', async () => {
    const { url, adminToken, logs } = await startServer();
    const { seen } = watch(url, adminToken);
    await until(() => seen.snapshot);
    const usage = vi.spyOn(process, 'cpuUsage').mockImplementation(() => {
      throw new Error('no figures');
    });
    onTestFinished(() => usage.mockRestore());
    await until(() => usage.mock.calls.length >= 2);
    usage.mockRestore();
    const { count } = seen;
    await until(() => seen.count > count);
    expect(logs.of('viewer.failed')).toMatchObject([{ namespace: '/admin', err: { message: 'no figures' } }]);
  });

  test('costs nothing once the last viewer has left', async () => {
    const { url, token, adminToken, server } = await startServer();
    await connectClient(url, { token: token('alice') });
    const first = watch(url, adminToken, { view: 'events' });
    await until(() => first.seen.snapshot);
    first.close();
    await until(() => server.io.of('/admin').sockets.size === 0);
    expect(server.io.sockets.adapter.listenerCount('create-room')).toBe(0);
    expect(server.io.sockets.adapter.listenerCount('delete-room')).toBe(0);
    server.emitter.emit('unseen', {});
    const second = watch(url, adminToken, { view: 'events' });
    await until(() => second.seen.snapshot);
    expect(second.rows()).toEqual([]);
  });

  test('sees a whole socket, and that it is gone', async () => {
    const { url, token, adminToken } = await startServer();
    const client = await connectClient(url, { token: token('alice') });
    for (let room = 0; room < 6; room++) await client.emitWithAck('room:join', { room: `r${room}` });
    const { seen } = watch(url, adminToken, { view: 'rooms', socket: client.ready.socketId });
    await until(() => seen.snapshot?.socket);
    expect(seen.snapshot?.socket?.rooms).toHaveLength(6);
    client.disconnect();
    await until(() => seen.snapshot?.socket === null);
  });

  test('that asks for nonsense gets the defaults', async () => {
    const { url, adminToken } = await startServer();
    const nonsense = { view: 'nothing', filter: 7, size: 1e9, offset: -3, sort: 'shoe size', intervalMs: 0 };
    const { seen } = watch(url, adminToken, nonsense as unknown as WatchQuery);
    await until(() => seen.snapshot);
    expect(seen.snapshot).toMatchObject({ view: 'rooms', offset: 0, rows: [] });
  });
});

test('a viewer is told that the server stops', async () => {
  const { server, url, adminToken } = await startServer();
  const { seen } = watch(url, adminToken);
  await until(() => seen.snapshot);
  await server.close();
  await until(() => seen.statuses.some((status) => status.state === 'lost' && /shut/i.test(status.reason)));
});
