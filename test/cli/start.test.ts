import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { createFolder, parseLines, startPlace } from './place.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('in an empty folder', () => {
  test('makes a secret for its owner alone, and keeps it', async () => {
    const first = await startPlace();
    const path = join(first.cwd, '.rtserver/secret');
    const secret = readFileSync(path, 'utf8');
    expect(Buffer.from(secret.trim(), 'base64url').length).toBeGreaterThanOrEqual(32);
    expect([modeOf(path), modeOf(join(first.cwd, '.rtserver'))]).toEqual(['600', '700']);
    expect(first.server.stdout + first.server.stderr).not.toContain(secret.trim());
    await first.server.stop();
    await startPlace([], { folder: first });
    expect(readFileSync(path, 'utf8')).toBe(secret);
  });

  test('leaves word of itself, and takes it away again', async () => {
    const { cwd, server, url, read } = await startPlace();
    const path = join(cwd, '.rtserver/server.json');
    await until(() => existsSync(path));
    expect(JSON.parse(read('.rtserver/server.json'))).toMatchObject({ pid: server.pid, url, path: '/socket.io' });
    expect(modeOf(path)).toBe('600');
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(existsSync(path)).toBe(false);
  });

  test('a second server with a state of its own leaves the word of the first alone, and says how to reach it', async () => {
    const first = await startPlace();
    await until(() => existsSync(join(first.cwd, '.rtserver/server.json')));
    const env = { RTSERVER_STATE_FILE: 'other-state.json' };
    const second = await startPlace([], { folder: first, env });
    await second.server.waitForLine(new RegExp(`process ${first.server.pid}.*--url ${second.url}`), {
      stream: 'stderr',
    });
    await second.server.stop();
    expect(JSON.parse(first.read('.rtserver/server.json'))).toMatchObject({ pid: first.server.pid });
  });

  test('takes no second server that would write the same state', async () => {
    const first = await startPlace();
    const { code, stderr } = await first.run(['start', '--port', '0']);
    expect(code).toBe(2);
    expect(stderr).toContain(`process ${first.server.pid}`);
  });

  test('an empty secret file is named, not used', async () => {
    const folder = createFolder();
    folder.write('.rtserver/secret', '\n');
    const { code, stderr } = await folder.run(['start', '--port', '0']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/empty file: .*secret\nNext: rm /);
  });
});

test.for(['SIGINT', 'SIGTERM'] as const)('%s stops it gracefully: clients are told, and it exits 0', async (signal) => {
  const place = await startPlace();
  const join = await place.join('--user', '42', '--event', 'closing', '--count', '1', '--json');
  expect(await place.server.stop(signal)).toEqual({ code: 0, signal: null });
  expect(await join.exit).toMatchObject({ code: 0 });
  expect(JSON.parse(join.stdout)).toMatchObject({
    event: 'closing',
    payload: { code: 'SERVER_SHUTDOWN', retry: true },
  });
  const names = parseLines<{ msg: string }>(place.server.stdout).map(({ msg }) => msg);
  expect(names[0]).toBe('server.listening');
  expect(names.at(-1)).toBe('server.stopped');
});

test('a second signal ends it at once', async () => {
  // Clients are closed over this time, so that a tidy end would take it.
  const env = { RTSERVER_SHUTDOWN_SPREAD: '1h', RTSERVER_SHUTDOWN_TIMEOUT: '2h' };
  const place = await startPlace([], { env });
  await place.join('--user', '42');
  await place.join('--user', '43');
  place.server.kill('SIGTERM');
  await place.server.waitForLine('"server.draining"');
  expect(await place.server.stop('SIGTERM')).toEqual({ code: null, signal: 'SIGINT' });
});

describe('refuses to run', () => {
  test('beyond loopback without a secret, and says what to set', async () => {
    const { code, stdout, stderr } = await createFolder().run(['start', '--host', '0.0.0.0', '--port', '0']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/0\.0\.0\.0/);
    expect(stderr).toContain('RTSERVER_SECRET');
  });

  test('beyond loopback with the secret of the folder, which nobody chose', async () => {
    const folder = createFolder();
    folder.write('.rtserver/secret', SECRET);
    expect(await folder.run(['start', '--host', '0.0.0.0', '--port', '0'])).toMatchObject({ code: 2 });
  });

  test('in production without a secret', async () => {
    const folder = createFolder();
    const { code, stderr } = await folder.run(['start', '--port', '0'], { env: { NODE_ENV: 'production' } });
    expect(code).toBe(2);
    expect(stderr).toContain('NODE_ENV=production');
    expect(existsSync(join(folder.cwd, '.rtserver/secret'))).toBe(false);
  });

  test('on an address that is not its own', async () => {
    const { code, stderr } = await createFolder().run(['start', '--host', '192.0.2.1', '--secret', SECRET]);
    expect(code).toBe(2);
    expect(stderr).toContain('192.0.2.1');
  });
});

test('beyond loopback with a secret it runs, and the commands find it', async () => {
  const place = await startPlace(['--host', '0.0.0.0', '--secret', SECRET]);
  const { code, stdout } = await place.run(['ls', 'sockets', '--secret', SECRET, '--json']);
  expect({ code, stdout: JSON.parse(stdout) }).toEqual({ code: 0, stdout: { items: [] } });
});

test('a second server in the folder has the configuration of the folder, not that of the first', async () => {
  const folder = createFolder();
  folder.write('first.json', { limits: { connectionsPerUser: 77 } });
  folder.write('rtserver.config.json', { limits: { connectionsPerUser: 5 } });
  await startPlace(['--config', 'first.json'], { folder });
  await until(() => existsSync(join(folder.cwd, '.rtserver/server.json')));
  const { url } = await startPlace([], { folder, env: { RTSERVER_STATE_FILE: 'second-state.json' } });
  const { stdout } = await folder.run(['top', '--once', '--json', '--url', url]);
  expect(stdout).toContain('"connectionsPerUser":5');
  expect((await folder.run(['config'])).stdout).toMatch(/limits\.connectionsPerUser +5 /);
});

test('what a killed server left behind stops nobody, whoever has its process id now', async () => {
  const folder = createFolder();
  const other = spawn('sleep', ['60']);
  onTestFinished(() => void other.kill());
  const url = `http://127.0.0.1:${await freePort()}`;
  folder.write('.rtserver/server.json', { pid: other.pid, url, path: '/socket.io', startedAt: 1, version: '0' });
  const { server, url: own } = await startPlace([], { folder });
  await until(() => existsSync(join(folder.cwd, '.rtserver/server.json')));
  expect(JSON.parse(folder.read('.rtserver/server.json'))).toMatchObject({ pid: server.pid, url: own });
});

describe('of a port in use it says whose it is and how to choose another:', () => {
  test('the server of this folder', async () => {
    const place = await startPlace();
    await until(() => existsSync(join(place.cwd, '.rtserver/server.json')));
    const { code, stderr } = await place.run(['start', '--port', new URL(place.url).port]);
    expect(code).toBe(2);
    expect(stderr).toContain(`process ${place.server.pid}`);
    // What it says to type works at once.
    const [, file = '', args = ''] = /beside it: RTSERVER_STATE_FILE=(\S+) rtserver (start .*)/.exec(stderr) ?? [];
    expect(args).toBe('start --port 0');
    await startPlace([], { folder: place, env: { RTSERVER_STATE_FILE: file } });
  });

  test('an rtserver of another folder', async () => {
    const { url } = await startPlace();
    const { code, stderr } = await createFolder().run(['start', '--port', new URL(url).port]);
    expect(code).toBe(2);
    expect(stderr).toContain('another rtserver');
  });

  test('another program', async () => {
    const other = createServer((_, response) => response.end('<h1>hello</h1>')).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await createFolder().run(['start', '--port', String(port)]);
    expect(code).toBe(2);
    expect(stderr).toContain('another program');
  });
});

test('a server that was killed is not taken for one that runs', async () => {
  const place = await startPlace();
  await until(() => existsSync(join(place.cwd, '.rtserver/server.json')));
  await place.server.stop('SIGKILL');
  // Whoever else uses this machine may have something on that port, or nothing: it is asked, and not the dead one.
  const { code, stderr } = await place.run(['ls', 'sockets']);
  expect([3, 4]).toContain(code);
  expect(stderr).toContain('http://127.0.0.1:3000');
});
