import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { createFolder, startPlace } from './place.ts';

describe('ls', () => {
  test('lists for programs what the API says, and filters it', async () => {
    const place = await startPlace();
    await place.join('protocol:7', '--user', 'a');
    await place.join('lobby', '--user', 'b');
    const ls = async (...args: string[]) => JSON.parse((await place.run(['ls', ...args, '--json'])).stdout).items;
    expect(await ls('sockets', '--user', 'a')).toMatchObject([{ userId: 'a', rooms: ['user:a', 'protocol:7'] }]);
    expect(await ls('sockets', '--room', 'lobby')).toMatchObject([{ userId: 'b' }]);
    expect(await ls('rooms', '--prefix', 'protocol:')).toEqual([{ room: 'protocol:7', sockets: 1, users: 1 }]);
    expect(await ls('users')).toMatchObject([{ userId: 'a' }, { userId: 'b' }]);
  });

  test('goes on where an earlier answer ended', async () => {
    const place = await startPlace();
    for (const user of ['a', 'b', 'c']) await place.join('--user', user);
    const page = async (...flags: string[]) =>
      JSON.parse((await place.run(['ls', 'users', '--json', '--limit', '2', ...flags])).stdout);
    const first = await page();
    const second = await page('--cursor', first.next);
    expect([...first.items, ...second.items].map(({ userId }) => userId)).toEqual(['a', 'b', 'c']);
    expect(second.next).toBeUndefined();
    expect((await place.run(['ls', 'users', '--limit', '2'])).stderr).toContain('There are more');
  });

  test('draws a table for people, in which nothing can act on their terminal', async () => {
    const place = await startPlace();
    const evil = '\u001b]0;owned\u0007\u202e';
    const token = (await place.run(['token', '--user', evil])).stdout.trim();
    await connectClient(place.url, { token });
    const { code, stdout } = await place.run(['ls', 'sockets']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SOCKET +USER +ROOMS +TRANSPORT /);
    expect(stdout).toContain('\\u{1b}]0;owned\\u{7}\\u{202e}');
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect((await place.run(['ls', 'sockets', '--json'])).stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test('lists who was refused', async () => {
    const place = await startPlace(['--max-connections-per-user', '1']);
    await place.join('--user', '42');
    await place.run(['join', '--user', '42']);
    const { stdout } = await place.run(['ls', 'refusals', '--json']);
    expect(JSON.parse(stdout).items).toMatchObject([
      { kind: 'refused', code: 'MAX_CONNECTIONS_EXCEEDED', userId: '42' },
    ]);
    expect((await place.run(['ls', 'refusals'])).stdout).toMatch(/MAX_CONNECTIONS_EXCEEDED +42 /);
  });

  test.for(['sockets', 'rooms', 'users', 'refusals', 'events'])('says on stderr that there are no %s', async (what) => {
    const place = await startPlace();
    const { code, stdout, stderr } = await place.run(['ls', what]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse((await place.run(['ls', what, '--json'])).stdout).items).toEqual([]);
  });

  test('refuses a filter that it would have to ignore', async () => {
    const { code, stderr } = await createFolder().run(['ls', 'rooms', '--user', '42']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--user .*rooms.*sockets/);
  });
});

describe('kick', () => {
  test('closes one socket, and the others of the user stay', async () => {
    const place = await startPlace();
    const join = await place.join('--user', '42');
    await place.join('--user', '42');
    const id = /socket (\S+)\)/.exec(join.stderr)?.[1] ?? '';
    expect(JSON.parse((await place.run(['kick', '--socket', id, '--json'])).stdout)).toEqual({ ok: true, closed: 1 });
    expect(await join.exit).toMatchObject({ code: 4 });
    expect(JSON.parse((await place.run(['ls', 'sockets', '--json'])).stdout).items).toHaveLength(1);
  });

  test('of nobody is done, and said', async () => {
    const place = await startPlace();
    const { code, stdout, stderr } = await place.run(['kick', '--user', '42']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'closed 0 connections\n' });
    expect(stderr).toContain('Nobody was connected');
  });

  test.for([[[]], [['--user', '42', '--socket', 'x']]])(
    'needs exactly one of user and socket: %j',
    async ([args = []]) => {
      expect(await createFolder().run(['kick', ...args])).toMatchObject({ code: 2 });
    },
  );
});

describe('session', () => {
  test('create prints a token that opens a connection, until it is revoked', async () => {
    const place = await startPlace();
    const { code, stdout, stderr } = await place.run(['session', 'create', '--user', '42', '--claims', '{"role":"x"}']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^sess_\S+\n$/);
    const join = await place.join('--token', stdout.trim());
    expect(join.stderr).toContain('as user 42');
    expect(await place.run(['session', 'revoke', '-'], { input: stdout })).toMatchObject({
      code: 0,
      stdout: 'revoked 1, closed 1 connection\n',
    });
    expect(await join.exit).toMatchObject({ code: 4 });
    expect(join.stderr).toContain('SESSION_REVOKED');
    expect(await place.run(['join', '--token', stdout.trim()])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('SESSION_INVALID'),
    });
  });

  test('revoke takes a user too, and says when there was nothing', async () => {
    const place = await startPlace();
    await place.run(['session', 'create', '--user', '42']);
    await place.run(['session', 'create', '--user', '42', '--json']);
    const revoke = async () => JSON.parse((await place.run(['session', 'revoke', '--user', '42', '--json'])).stdout);
    expect([(await revoke()).revoked, (await revoke()).revoked]).toEqual([2, 0]);
  });
});

describe('whom a command asks, and as whom', () => {
  test('--url before RTSERVER_URL before the server of the folder', async () => {
    const [here, there] = [await startPlace(), await startPlace()];
    const secret = there.read('.rtserver/secret').trim();
    await there.join('--user', 'there');
    const users = async (args: string[], env: Record<string, string> = {}) =>
      JSON.parse((await here.run(['ls', 'users', '--json', ...args], { env })).stdout).items.length;
    expect(await users([])).toBe(0);
    expect(await users([], { RTSERVER_URL: there.url, RTSERVER_SECRET: secret })).toBe(1);
    expect(await users(['--url', here.url], { RTSERVER_URL: there.url })).toBe(0);
    expect(await users(['--url', there.url.replace('http', 'ws'), '--secret', secret])).toBe(1);
  });

  test('an admin token by flag or by variable, where there is no secret', async () => {
    const place = await startPlace();
    const token = (await place.run(['token', '--user', 'ops', '--admin'])).stdout.trim();
    const elsewhere = createFolder();
    const ls = (args: string[], env: Record<string, string> = {}) =>
      elsewhere.run(['ls', 'users', '--url', place.url, '--json', ...args], { env });
    expect(await ls([])).toMatchObject({ code: 2, stderr: expect.stringContaining('--secret') });
    expect(await ls(['--token', token])).toMatchObject({ code: 0 });
    expect(await ls([], { RTSERVER_TOKEN: token })).toMatchObject({ code: 0 });
  });

  test('a token without the scope is refused with what to do', async () => {
    const place = await startPlace();
    const token = (await place.run(['token', '--user', '42'])).stdout.trim();
    const { code, stderr } = await place.run(['ls', 'users', '--token', token]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/FORBIDDEN.*\nNext: .*--admin/);
  });

  test('a wrong secret is refused by where it came from, with what to do', async () => {
    const place = await startPlace();
    const secret = 'a-wrong-secret-that-is-long-enough';
    const { code, stderr } = await place.run(['ls', 'users'], { env: { RTSERVER_SECRET: secret } });
    expect(code).toBe(4);
    expect(stderr).toMatch(/secret from RTSERVER_SECRET.*TOKEN_INVALID.*\nNext: .*--secret/);
    expect(stderr).not.toContain(secret);
  });

  test('a server that is something else is told from one that is not there', async () => {
    const other = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<h1>hello</h1>');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { code, stderr } = await createFolder().run(['ls', 'users', '--url', url, '--secret', 'x']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/not as an rtserver.*200.*text\/html/);
  });
});
