import { describe, expect, onTestFinished, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { type ConnectedSocket, connectClient } from '../support/connect.ts';
import { disconnected, nextEvent, roundTrip, takeEvents } from '../support/next-event.ts';
import { silentPeer } from '../support/peers/silent.ts';
import { slowReaderPeer } from '../support/peers/slow-reader.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

type Started = Awaited<ReturnType<typeof startServer>>;
type Options = Parameters<typeof startServer>[0];

/** Every closing that can be caused at once; the others have tests where their subject is. */
const CLOSINGS: readonly [
  code: string,
  retry: boolean,
  options: Options,
  cause: (started: Started, id: string) => unknown,
][] = [
  ['KICKED', false, {}, ({ request }, id) => request(`/api/sockets/${id}`, { method: 'DELETE' })],
  ['KICKED', false, {}, ({ server }) => server.users.disconnectUser('42')],
  ['TOKEN_REVOKED', false, {}, ({ request }) => request('/api/tokens/revoke', { body: { userId: '42' } })],
  ['HEARTBEAT_TIMEOUT', true, { heartbeat: { timeout: 300 } }, () => {}],
  ['SERVER_SHUTDOWN', true, {}, ({ server }) => server.close()],
];

describe.each(CLOSINGS)('%s', (code, retry, options, cause) => {
  test.each(['websocket', 'polling'])('reaches the client with the id of the log, over %s', async (transport) => {
    const started = await startServer(options);
    const socket = await connectClient(started.url, { token: started.token('42'), transports: [transport] });
    const closing = nextEvent<{ correlationId: string }>(socket, 'closing');
    const ended = disconnected(socket);
    await cause(started, socket.ready.socketId);
    const { correlationId } = await closing;
    expect(await closing).toEqual({ code, message: expect.any(String), retry, correlationId: expect.any(String) });
    expect(await ended).toMatch(retry ? /^transport/ : /^io server disconnect$/);
    const line = await started.logs.next('connection.closed');
    expect(line).toMatchObject({ level: 30, code, correlationId, userId: '42', durationMs: expect.any(Number) });
    expect(started.logs.of('connection.accepted')[0]).toMatchObject({ correlationId });
  });

  test('ends a client that does not let itself be closed', async () => {
    const started = await startServer(options);
    const { wire } = await silentPeer(started.url, { auth: { token: started.token('42') } });
    onTestFinished(() => wire.drop());
    await wire.next('ready');
    wire.pause();
    await cause(started, wire.socketId ?? '');
    await until(() => started.server.io.engine.clientsCount === 0, { what: 'its end' });
  });
});

/** A stock client that may come back by itself, and whether it did. */
async function connectReturning({ url, token }: Started): Promise<ConnectedSocket> {
  return connectClient(url, {
    token: token('42'),
    reconnection: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 50,
  });
}

describe('a stock client', () => {
  test('comes back by itself after a closing that allows it', async () => {
    const started = await startServer({ heartbeat: { timeout: 300 } });
    const socket = await connectReturning(started);
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'HEARTBEAT_TIMEOUT', retry: true });
    await disconnected(socket);
    await until(() => socket.connected, { what: 'the client coming back' });
    expect(await nextEvent(socket, 'ready')).toMatchObject({ userId: '42', rooms: ['user:42'] });
  });

  test('stays away after one that does not', async () => {
    const started = await startServer();
    const socket = await connectReturning(started);
    started.server.users.disconnectUser('42');
    await disconnected(socket);
    expect(socket.active).toBe(false);
  });

  test('finds no event replayed, and none of its rooms, when it is back', async () => {
    const started = await startServer();
    const socket = await connectClient(started.url, { token: started.token('42') });
    await socket.emitWithAck('room:join', { room: 'lobby' });
    socket.io.engine.close();
    await until(() => !started.server.users.isOnline('42'), { what: 'the user being offline' });
    started.server.emitter.emit('note', 'missed', { users: ['42'] });
    started.server.emitter.emit('note', 'missed', { rooms: ['lobby'] });
    socket.connect();
    await until(() => socket.connected && started.server.users.isOnline('42'));
    await roundTrip(socket);
    expect(socket.recovered).not.toBe(true);
    expect(takeEvents(socket, 'note')).toEqual([]);
    started.server.emitter.emit('note', 'to the lobby', { rooms: ['lobby'] });
    started.server.emitter.emit('note', 'to 42', { users: ['42'] });
    expect(await nextEvent(socket, 'note')).toBe('to 42');
  });
});

test('SLOW_CONSUMER ends who does not take what is sent, and nobody else', async () => {
  const { server, url, token, logs } = await startServer({ limits: { bufferedBytes: '64kB' } });
  const neighbour = await connectClient(url, { token: token('43') });
  const slow = await slowReaderPeer(url, { auth: { token: token('42') } });
  onTestFinished(() => slow.close());
  const payload = 'x'.repeat(200_000);
  await until(
    () => {
      server.emitter.emit('flood', payload, { users: ['42'] });
      return logs.of('connection.closed').length > 0;
    },
    { what: 'its end', withinMs: 30_000 },
  );
  expect(logs.of('connection.closed')).toMatchObject([{ code: 'SLOW_CONSUMER', userId: '42' }]);
  expect(server.emitter.emit('flood', payload, { users: ['42'] })).toEqual({ ok: true, recipients: 0 });
  expect(await neighbour.emitWithAck('ping')).toMatchObject({ ok: true });
});

test('a socket that the application disconnects is told apart, and leaves no transport that counts nowhere', async () => {
  const { server, url, token, logs } = await startServer({ limits: { connectTimeout: 300 } });
  const wire = await openWire(url);
  onTestFinished(() => wire.drop());
  await wire.connect({ auth: { token: token('42') } });
  for (const socket of server.io.sockets.sockets.values()) socket.disconnect();
  expect(await logs.next('connection.closed')).toMatchObject({ code: 'SERVER_CLOSED' });
  expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
});

test('a client that leaves by itself gets no closing, and the others hear nothing of it', async () => {
  const { server, url, token, logs } = await startServer();
  const witness = await connectClient(url, { token: token('43') });
  const leaver = await connectClient(url, { token: token('42') });
  await leaver.emitWithAck('room:join', { room: 'lobby' });
  await witness.emitWithAck('room:join', { room: 'lobby' });
  leaver.disconnect();
  expect(await logs.next('connection.closed')).toMatchObject({ code: 'CLIENT_CLOSED', userId: '42' });
  expect(takeEvents(leaver, 'closing')).toEqual([]);
  expect([...(server.io.sockets.adapter.rooms.get('lobby') ?? [])]).toEqual([witness.ready.socketId]);
  const heard: string[] = [];
  witness.onAny((event: string) => heard.push(event));
  await roundTrip(witness);
  expect(heard).toEqual([]);
});
