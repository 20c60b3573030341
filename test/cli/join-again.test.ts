import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { runCli, startCli, startCliServer } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';
import { parseLines, startServerForCommands } from './against-server.ts';

const joinedTimes = (stderr: string) => stderr.match(/^joined /gm)?.length ?? 0;

/** Servers of one process come one after the other on the same port, which is faster than processes. */
async function restart(before: Awaited<ReturnType<typeof startServerForCommands>>, options: object = {}) {
  const port = Number(new URL(before.url).port);
  await before.server.close();
  return startServer({ port, ...options });
}

test('joins again with a new token after a restart, and hears what is sent then', async () => {
  const before = await startServerForCommands();
  const join = await before.join(['protocol:7', 'lobby', '--user', '42', '--count', '2', '--json']);
  before.server.emitter.emit('first' as never, 1 as never, { rooms: ['lobby'] });
  await join.waitForLine('"first"');
  const after = await restart(before);
  await join.waitForLine(() => joinedTimes(join.stderr) === 2, { stream: 'stderr', withinMs: 45_000 });
  after.server.emitter.emit('second' as never, 2 as never, { rooms: ['protocol:7', 'lobby'] });
  expect(await join.exit, join.describe()).toEqual({ code: 0, signal: null });
  expect(parseLines(join.stdout)).toMatchObject([{ event: 'first' }, { event: 'second', payload: 2 }]);
  expect(join.stderr).toMatch(/^The server ends the connection: .*\(SERVER_SHUTDOWN\)\. Connecting again …$/m);
});

test('a room that it may not have again ends it with 4, rather than to go on deaf', async () => {
  const before = await startServerForCommands();
  const join = await before.join(['lobby', 'news', '--user', '42']);
  await restart(before, { limits: { roomsPerSocket: 1 } });
  expect(await join.exit, join.describe()).toEqual({ code: 4, signal: null });
  expect(join.stderr).toMatch(/^error: Too many rooms: news.*\(ROOM_LIMIT_EXCEEDED\)$/m);
});

test('a server that takes its token no more ends it with 4, by where the secret came from', async () => {
  const before = await startServerForCommands();
  const join = await before.join(['--user', '42']);
  await restart(before, { auth: { secret: 'quite-another-secret-0123456789abcdef' } });
  expect(await join.exit, join.describe()).toEqual({ code: 4, signal: null });
  expect(join.stderr).toMatch(/does not accept a token signed with the secret from RTSERVER_SECRET \(signature\)/);
});

test('says so when the server is killed, and goes on when another one comes', async () => {
  const port = await freePort();
  const { cli: first } = await startCliServer(['--port', String(port)]);
  const join = startCli(['join', 'lobby', '--user', '42', '--count', '1', '--json'], { cwd: first.cwd });
  await join.waitForLine(/^joined /, { stream: 'stderr' });
  await first.stop('SIGKILL');
  await join.waitForLine(/^The connection is lost \(transport close\)\. Connecting again …$/, { stream: 'stderr' });
  const { cli: second } = await startCliServer(['--port', String(port)], { cwd: first.cwd });
  await join.waitForLine(() => joinedTimes(join.stderr) === 2, { stream: 'stderr', withinMs: 45_000 });
  expect(await runCli(['emit', '--room', 'lobby', '--event', 'back'], { cwd: second.cwd })).toMatchObject({ code: 0 });
  expect(await join.exit, join.describe()).toEqual({ code: 0, signal: null });
});

test('ends with 3 when its time is up while the server is gone', async () => {
  const { cli: server, url } = await startCliServer();
  const join = startCli(['join', '--user', '42', '--duration', '5s'], { cwd: server.cwd });
  await join.waitForLine(/^joined /, { stream: 'stderr' });
  await server.stop('SIGKILL');
  expect(await join.exit, join.describe()).toEqual({ code: 3, signal: null });
  expect(join.stderr).toContain(`error: The server cannot be reached: the connection to ${url} was lost`);
});

test('SIGTERM ends it with 130, also while it waits for a server that is gone', async () => {
  const { join, server } = await startServerForCommands();
  const waiting = await join(['--user', '42']);
  expect(await (await join(['--user', '43'])).stop('SIGTERM')).toEqual({ code: 130, signal: null });
  await server.close();
  await waiting.waitForLine('Connecting again', { stream: 'stderr' });
  expect(await waiting.stop('SIGINT')).toEqual({ code: 130, signal: null });
});

test('words of a hostile server do not act on the terminal', async () => {
  const http = createServer().listen(0, '127.0.0.1');
  const io = new Server(http);
  onTestFinished(() => io.close());
  const evil = '\u001b]0;owned\u0007\u009b2J\u202e\nforged';
  io.on('connection', (socket) => {
    socket.emit('ready', { socketId: evil, userId: evil, rooms: [], heartbeatTimeoutMs: 60_000 });
    socket.on('room:join', (_, acknowledge) => {
      acknowledge({ ok: true });
      socket.emit(evil, { [evil]: evil });
      socket.emit('closing', { code: evil, message: evil, retry: true });
      socket.emit('closing', { code: 'KICKED', message: evil, retry: false });
      socket.disconnect();
    });
  });
  await new Promise<void>((resolve) => http.once('listening', resolve));
  const url = `http://127.0.0.1:${(http.address() as { port: number }).port}`;
  for (const json of [[], ['--json']]) {
    const cli = startCli(['join', 'lobby', '--user', '42', '--secret', 'any', '--url', url, ...json]);
    expect(await cli.exit).toMatchObject({ code: 4 });
    for (const text of [cli.stdout, cli.stderr]) {
      expect(text).toContain('owned');
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(text).not.toMatch(/^forged/m);
    }
  }
});
