import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { runCli, startCliServer, tempFolder } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';
import { startServerForCommands } from './against-server.ts';
import { createFolder } from './place.ts';
import { runMain } from './run-main.ts';

/** A pid that no process has: Linux gives out at most 4,194,304. */
const GONE = 4_194_999;

function writeServerFile(cwd: string, content: unknown): void {
  mkdirSync(join(cwd, '.rtserver'), { recursive: true });
  writeFileSync(
    join(cwd, '.rtserver/server.json'),
    typeof content === 'string' ? content : JSON.stringify({ path: '/socket.io', startedAt: 1, ...Object(content) }),
  );
}

const closedUrl = async () => `http://127.0.0.1:${await freePort()}`;

describe('a command finds the server', () => {
  test('by --url before RTSERVER_URL before the server of the folder', async () => {
    const { run, cwd, url } = await startServerForCommands();
    const [closed, other] = [await closedUrl(), await closedUrl()];
    writeServerFile(cwd, { pid: process.pid, url: closed });
    expect(await run(['ls', 'rooms', '--url', url], { env: { RTSERVER_URL: other } })).toMatchObject({ code: 0 });
    expect(await run(['ls', 'rooms'])).toMatchObject({ code: 0 });
    for (const env of [{ RTSERVER_URL: '' }, { RTSERVER_URL: closed }]) {
      const { code, stderr } = await run(['ls', 'rooms'], { env });
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(closed) });
    }
    const flag = await run(['ls', 'rooms', '--url', other]);
    expect(flag).toMatchObject({ code: 3, stderr: expect.stringContaining(other) });
  });

  test('of its folder, with no flag and no configuration', async () => {
    const { cli, url } = await startCliServer();
    const { code, stdout } = await runCli(['ls', 'users', '--json'], { cwd: cli.cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"items":[]}\n' });
    expect(JSON.parse(readFileSync(join(cli.cwd, '.rtserver/server.json'), 'utf8'))).toMatchObject({
      url,
      pid: cli.pid,
    });
  });

  test('at its own Socket.IO path, which the server of the folder has written down', async () => {
    const { cli } = await startCliServer([], { env: { RTSERVER_PATH: '/rt/socket' } });
    const args = ['join', 'lobby', '--user', '42', '--duration', '1ms'];
    expect(await runCli(args, { cwd: cli.cwd })).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/joined lobby/),
    });
  });

  test('by a WebSocket URL as well as by an HTTP one', async () => {
    const { run, url } = await startServerForCommands();
    const ws = url.replace('http:', 'ws:');
    expect(await run(['ls', 'rooms', '--url', ws])).toMatchObject({ code: 0 });
    expect(await run(['ls', 'rooms'], { env: { RTSERVER_URL: ws } })).toMatchObject({ code: 0 });
    expect(await run(['join', '--user', '42', '--duration', '1ms', '--url', ws])).toMatchObject({ code: 0 });
  });

  test('with a token without a secret that its configuration cannot find', async () => {
    const folder = createFolder();
    folder.write('rtserver.config.yaml', 'auth: { secret: env:NOT_HERE }\n');
    const { code, stderr } = await folder.run(['ls', 'users', '--token', 'a.b.c', '--verbose']);
    // A server of the developer may listen at the default port, and refuse the token.
    const found = expect.toBeOneOf([3, 4]);
    expect({ code, stderr }).toEqual({ code: found, stderr: expect.stringMatching(/left aside: .*NOT_HERE/) });
    const without = await folder.run(['ls', 'users']);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('NOT_HERE') });
  });

  test('where the configuration puts one, when none has left its address in the folder', async () => {
    const { server, url, secret } = await startServer({ path: '/rt/socket' });
    const { port } = new URL(url);
    const folder = createFolder();
    folder.write('rtserver.config.yaml', `port: ${port}\npath: /rt/socket\nauth: { secret: ${secret} }\n`);
    expect(await folder.run(['ls', 'users', '--json'])).toMatchObject({ code: 0, stderr: '' });
    const joined = await folder.run(['join', 'lobby', '--user', '42', '--duration', '1ms']);
    expect(joined).toMatchObject({ code: 0, stderr: expect.stringContaining(`at ${url};`) });
    // The environment before the file; an address that means all of them is one that can be reached.
    const env = { RTSERVER_PORT: port, RTSERVER_PATH: '/rt/socket', RTSERVER_HOST: '0.0.0.0', RTSERVER_SECRET: secret };
    expect(await createFolder().run(['ls', 'users', '--json'], { env })).toMatchObject({ code: 0, stderr: '' });
    await server.close();
    const gone = await folder.run(['ls', 'users', '--verbose']);
    expect(gone).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^server: .*\(from .*rtserver\.config\.yaml\)$/m),
    });
    expect(gone.stderr).toContain(`nothing listens on ${url}`);
    expect(gone.stderr.match(/^configuration: /gm)).toHaveLength(1);
  });

  test('not by a configuration that is wrong, which is said once', async () => {
    const folder = createFolder();
    folder.write('rtserver.config.yaml', 'prot: 4000\n');
    const { code, stderr } = await folder.run(['ls', 'users']);
    expect(code).toBe(2);
    expect(stderr.match(/prot is not a known key/g)).toHaveLength(1);
  });

  test('on port 3000 where nothing else says so', async () => {
    // Whatever listens there, or not: it takes no token that is signed with this secret.
    const { code, stderr } = await runCli(['ls', 'users', '--secret', 'nobody-else-has-this-secret-0123456']);
    expect(code).toBeOneOf([3, 4]);
    expect(stderr).toContain('http://127.0.0.1:3000');
  });
});

describe('the file of a server that is gone is ignored:', () => {
  test.for<[what: string, content: unknown]>([
    ['its process does not run', { pid: GONE, url: 'http://127.0.0.1:9' }],
    ['it is half written', '{"pid": 1, "url": "http://127.0.0.1:9"'],
    ['it has no pid', { url: 'http://127.0.0.1:9' }],
    ['it has no url', { pid: process.pid, url: 'nowhere' }],
    ['it is empty', ''],
    ['it is null', 'null'],
  ])('%s', async ([, content]) => {
    const cwd = tempFolder();
    writeServerFile(cwd, content);
    const { code, stderr } = await runMain(['ls', 'users', '--secret', 'nobody-else-has-this-secret-0123456'], { cwd });
    expect(code).toBeOneOf([3, 4]);
    expect(stderr).toContain('http://127.0.0.1:3000');
  });
});

describe('exit code 3 with what to start where nobody is:', () => {
  test.for([
    ['ls', 'sockets'],
    ['kick', '--user', '42'],
    ['emit', '--all', '--event', 'a'],
    ['session', 'create', '--user', '42'],
    ['session', 'revoke', '--user', '42'],
    ['join', 'lobby', '--user', '42'],
  ])('%s %s', async (args) => {
    const url = await closedUrl();
    for (const secret of [['--secret', 'any'], []]) {
      const { code, stdout, stderr } = await runMain([...args, '--url', url, ...secret]);
      expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(
        /^error: The server cannot be reached: .*\nNext: start a server here with `rtserver start`/,
      );
      expect(stderr).toContain(url);
    }
  });
});

test('a URL in RTSERVER_URL that is none is named, with exit code 2', async () => {
  const { code, stderr } = await runMain(['ls', 'users'], { env: { RTSERVER_URL: 'localhost 3000' } });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'error: RTSERVER_URL must be a URL such as http://127.0.0.1:3000, got "localhost 3000"\n',
  });
});
