import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from '../cli/place.ts';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { freePort } from '../support/free-port.ts';
import { nextEvent } from '../support/next-event.ts';
import { halfRequestPeer, tcpPeer } from '../support/peers/half-open.ts';
import { processTree } from '../support/process-tree.ts';
import { runCli, startCli, startCliServer } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until, within } from '../support/until.ts';
import { connectToBoth, isAlive, logLines, pidOf, startWorkers, workerPids } from './start-workers.ts';

const withinMs = 30_000;
const SECRET = 'a-secret-for-tests-that-is-long-enough';

test('a worker that is killed is replaced, its slots are free, and the others keep theirs', async () => {
  const server = await startWorkers({ limits: { connectionsPerUser: 6 } });
  const { cli, url } = server;
  const token = server.token('42');
  const sockets = await Promise.all(Array.from({ length: 6 }, () => connectClient(url, { token })));
  const pids = await Promise.all(sockets.map((socket) => pidOf(server, socket)));
  const [victim = 0] = pids;
  const lost = pids.filter((pid) => pid === victim).length;
  expect(lost).toBeLessThan(6);
  expect(await attemptConnection(url, { token })).toHaveProperty('refusal');
  process.kill(victim, 'SIGKILL');
  await cli.waitForLine((line) => line.includes('"worker.ended"') && line.includes(`"pid":${victim}`));
  await cli.waitForLine((line) => line.includes('"worker.started"') && line.includes('"worker":3'), { withinMs });
  await until(() => sockets.filter(({ connected }) => !connected).length === lost);
  for (let free = lost; free > 0; free--) {
    expect(await attemptConnection(url, { token }), `${free} of ${lost} free`).toHaveProperty('socket');
  }
  expect(await attemptConnection(url, { token })).toMatchObject({
    refusal: { data: { code: 'MAX_CONNECTIONS_EXCEEDED', limit: 6, current: 6 } },
  });
  const emitted = await server.request('/api/emit', { body: { event: 'note', payload: 1 } });
  expect(await emitted.json()).toEqual({ ok: true, recipients: 6 });
  for (const [at, socket] of sockets.entries()) {
    if (pids[at] !== victim) expect(await nextEvent(socket, 'note')).toBe(1);
  }
  expect((await server.request('/readyz')).status).toBe(200);
});

test('connections wait while no worker is left, and are served by the next one', async () => {
  const server = await startWorkers();
  for (const pid of workerPids(server.cli)) process.kill(pid, 'SIGKILL');
  await until(() => logLines(server.cli).filter(({ msg }) => msg === 'worker.ended').length === 2);
  expect((await server.request('/readyz')).status).toBe(200);
  const socket = await connectClient(server.url, { token: server.token('42'), withinMs });
  expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
});

/** Two workers, of which each ends by an error that nothing catches when a client sends `crash`. */
async function startFragileWorkers() {
  const folder = createFolder();
  folder.write(
    'rtserver.config.mjs',
    `import { defineModule } from 'rtserver';
     const crash = () => { setImmediate(() => { throw new Error('late trouble'); }); return {}; };
     export default { workers: 2, shutdown: { spread: 0 }, limits: { connectionsPerUser: 9 },
       modules: [defineModule({ name: 'fragile', handlers: { crash } })] };`,
  );
  const { cli, url } = await startCliServer(['--secret', SECRET], { cwd: folder.cwd });
  const token = (await folder.run(['token', '--user', '42', '--secret', SECRET])).stdout.trim();
  return { cli, url, token };
}

test('an error that nothing caught ends its worker tidily, and nothing else', async () => {
  const { cli, url, token } = await startFragileWorkers();
  const sockets = await Promise.all(Array.from({ length: 4 }, () => connectClient(url, { token })));
  const [crashing, ...others] = sockets;
  const closing = nextEvent(crashing as (typeof sockets)[0], 'closing');
  crashing?.emit('crash', {});
  expect(await closing).toMatchObject({ code: 'SERVER_SHUTDOWN', retry: true });
  expect(JSON.parse(await cli.waitForLine('"server.failed"'))).toMatchObject({ worker: expect.any(Number) });
  await cli.waitForLine('"worker":3,', { withinMs });
  expect(others.some(({ connected }) => connected)).toBe(true);
  expect(await attemptConnection(url, { token })).toHaveProperty('socket');
  expect(await cli.stop()).toEqual({ code: 0, signal: null });
});

test('when all workers crash at once, the port stays open for the next ones', async () => {
  const { cli, url, token } = await startFragileWorkers();
  const sockets = await Promise.all(Array.from({ length: 6 }, () => connectClient(url, { token })));
  for (const socket of sockets) socket.emit('crash', {});
  await until(() => logLines(cli).filter(({ msg }) => msg === 'worker.ended').length === 2);
  const socket = await connectClient(url, { token, withinMs });
  expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
  expect(await cli.stop()).toEqual({ code: 0, signal: null });
});

test('SIGTERM drains all workers: everybody is told, the log ends, and nothing is left', async () => {
  const folder = tempFolder();
  const { cli, url } = await startCliServer(['--workers', '2', '--secret', SECRET], {
    env: { TMPDIR: folder, RTSERVER_SHUTDOWN_SPREAD: '100ms' },
  });
  const serverFile = join(cli.cwd, '.rtserver/server.json');
  await until(() => existsSync(serverFile));
  const file = JSON.parse(readFileSync(serverFile, 'utf8')) as object;
  expect(file).toMatchObject({ pid: cli.pid, url });
  expect(readdirSync(folder)).toHaveLength(1);
  const { stdout } = await runCli(['token', '--user', '42', '--secret', SECRET], { cwd: cli.cwd });
  const token = stdout.trim();
  const sockets = await Promise.all([1, 2, 3].map(() => connectClient(url, { token })));
  const closings = sockets.map((socket) => nextEvent(socket, 'closing'));
  expect(await cli.stop()).toEqual({ code: 0, signal: null });
  for (const closing of closings) expect(await closing).toMatchObject({ code: 'SERVER_SHUTDOWN', retry: true });
  const names = logLines(cli).map(({ msg }) => msg);
  expect(names.filter((name) => name === 'server.listening')).toHaveLength(1);
  expect(names.filter((name) => name === 'server.draining')).toHaveLength(2);
  expect(names.filter((name) => name === 'server.stopped')).toHaveLength(1);
  expect(names.at(-1)).toBe('server.stopped');
  expect(cli.stderr).toBe('');
  expect(existsSync(serverFile)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test('a second signal ends all of them at once', async () => {
  const server = await startWorkers({ shutdown: { timeout: '120s', spread: 0 } });
  const { wait } = await hold(server);
  server.cli.kill();
  await server.cli.waitForLine('"server.draining"');
  expect(await server.cli.stop()).toEqual({ code: null, signal: 'SIGINT' });
  expect(await wait).toBe('cut off');
  await until(() => !workerPids(server.cli).some(isAlive));
});

test('a worker that does not end as it should when all are stopped is named in the log', async () => {
  const server = await startWorkers({ shutdown: { timeout: '120s', spread: 0 } });
  const { wait } = await hold(server);
  const stopped = server.cli.stop();
  await until(() => logLines(server.cli).filter(({ msg }) => msg === 'server.draining').length === 2);
  for (const pid of workerPids(server.cli).filter(isAlive)) process.kill(pid, 'SIGKILL');
  expect(await stopped).toEqual({ code: 0, signal: null });
  expect(await wait).toBe('cut off');
  const ends = logLines(server.cli).filter(({ msg }) => msg === 'worker.ended');
  expect(ends).toContainEqual(expect.objectContaining({ pid: expect.any(Number), signal: 'SIGKILL' }));
  expect(logLines(server.cli).at(-1)).toMatchObject({ msg: 'server.stopped' });
});

test('workers do not outlive a primary that was killed', async () => {
  const { cli } = await startWorkers();
  await cli.stop('SIGKILL');
  await until(() => !workerPids(cli).some(isAlive));
});

test('a signal for the whole process group, as from a terminal, is answered once', async () => {
  const server = await startWorkers();
  const [here, there] = await connectToBoth(server);
  const closings = [here, there].map((socket) => nextEvent(socket, 'closing'));
  for (const pid of workerPids(server.cli)) process.kill(pid, 'SIGTERM');
  expect(await server.cli.stop()).toEqual({ code: 0, signal: null });
  for (const closing of closings) expect(await closing).toMatchObject({ code: 'SERVER_SHUTDOWN' });
});

test('Ctrl-C while the workers begin is no failure', async () => {
  const cli = startCli(['start', '--workers', '2', '--port', '0'], { cwd: tempFolder() });
  const [, ...workers] = await until(() => {
    const pids = processTree(cli.pid);
    return pids.length === 3 && pids;
  });
  const ended = cli.stop('SIGINT');
  for (const pid of workers) process.kill(pid, 'SIGINT');
  expect({ end: await ended, stderr: cli.stderr }).toEqual({ end: { code: 130, signal: null }, stderr: '' });
});

/** An acknowledgement that nobody gives: a tidy end waits for it. */
async function hold({ url, token, request }: Awaited<ReturnType<typeof startWorkers>>) {
  const socket = await connectClient(url, { token: token('42') });
  const body = { event: 'question', to: { users: ['42'] }, ack: { timeoutMs: 60_000 } };
  const wait = request('/api/emit', { body }).then(
    () => 'answered',
    () => 'cut off',
  );
  await nextEvent(socket, 'question');
  return { wait };
}

test('nobody holds a worker by half a request, or by none', async () => {
  const { url } = await startWorkers({ limits: { connectTimeout: '1s' } });
  const peers = await Promise.all([1, 2].flatMap(() => [tcpPeer(url), halfRequestPeer(url)]));
  await Promise.all(peers.map(({ closed }) => within(closed, withinMs, () => 'it is still connected')));
});

test('what keeps it from starting is said as without workers', async () => {
  const port = await freePort();
  const occupant = createServer().listen(port, '127.0.0.1');
  const occupied = await runCli(['start', '--workers', '2', '--port', String(port)]);
  occupant.close();
  expect(occupied).toMatchObject({ code: 2, stderr: expect.stringContaining(`port ${port} on 127.0.0.1 is in use`) });
  const folder = tempFolder();
  const noKey = ['start', '--workers', '2', '--port', '0', '--tls-cert', 'no.pem', '--tls-key', 'no.pem'];
  const alone = await runCli(
    noKey.filter((word) => word !== '--workers' && word !== '2'),
    { cwd: folder },
  );
  const failed = await runCli(noKey, { cwd: folder });
  expect(failed).toMatchObject({ code: 2, stderr: alone.stderr });
  expect(await runCli(['start', '--workers', '0'])).toMatchObject({ code: 2 });
  expect(await runCli(['start', '--workers', '100000', '--port', '0'], { cwd: folder })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^error: --workers: workers must be at most \d+ on this machine, got 100000\nNext: rtserver start --workers auto, .*\n$/,
    ),
  });
  expect(await runCli(['start'], { env: { RTSERVER_WORKERS: 'many' } })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('RTSERVER_WORKERS: workers must be a whole number from 1, or auto'),
  });
  const few = { RTSERVER_LIMITS_CONNECTIONS: '2', RTSERVER_LIMITS_CONNECTS_PER_SECOND: '1' };
  expect(await runCli(['start', '--workers', '3', '--port', '0'], { env: few, cwd: folder })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /limits\.connections.* must be at least 3, one for each of the workers, or workers at most 2[\s\S]*limits\.connectsPerSecond/,
    ),
  });
  expect(await runCli(['start', '--tui', '--workers', '2'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--workers makes several'),
  });
});
