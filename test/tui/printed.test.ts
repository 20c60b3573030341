import { describe, expect, test } from 'vitest';
import { startBuiltServer } from '../hardening/built-server.ts';
import { connectClient } from '../support/connect.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { startPlace } from './place.ts';

describe('without a dashboard', () => {
  test('--once prints one snapshot, --json one that programs can read', async () => {
    const { connect, cwd } = await startPlace();
    await connect('alice');
    const text = await runCli(['top', '--once', '--view', 'users'], { cwd });
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/1 connection, 1 user,[\s\S]*USER[\s\S]*alice/);
    expect(text.stdout).not.toContain('\x1b');
    const json = await runCli(['top', '--once', '--json', '--view', 'sockets', '--filter', 'user:bob'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      view: 'sockets',
      figures: { connections: 1 },
      matching: 0,
      shown: 0,
      all: 1,
      server: { limits: { connectionsPerUser: 3 } },
    });
  });

  test('--once pages through as many rows as are wanted, and says how many there are', async () => {
    const limits = { roomsPerSocket: 500, eventsPerSecond: 1_000 };
    const { url, token, adminToken } = await startBuiltServer({ limits });
    const socket = await connectClient(url, { token: token('alice') });
    const rooms = Array.from({ length: 450 }, (_, at) => `ward:${at}`);
    await Promise.all(rooms.map((room) => socket.emitWithAck('room:join', { room })));
    const top = (...args: string[]) => runCli(['top', '--once', '--url', url, '--token', adminToken, ...args]);
    const printed = async (...args: string[]) => JSON.parse((await top('--json', ...args)).stdout);
    const [some, all, few] = [await printed(), await printed('--limit', '1000'), await printed('--limit', '3')];
    expect(some).toMatchObject({ matching: 450, all: 450, shown: 200 });
    expect(all).toMatchObject({ matching: 450, shown: 450 });
    expect(new Set(all.rows.map(({ room }: { room: string }) => room))).toEqual(new Set(rooms));
    expect(few.rows).toEqual(all.rows.slice(0, 3));
    expect(await printed('--filter', 'ward:44')).toMatchObject({ matching: 11, shown: 11 });
    const text = await top('--sort', 'ROOM', '--filter', 'room:ward:4', '--limit', '50');
    expect(text.stdout).toMatch(/\nward:442 .*\nward:443 .*\nand 11 more: --limit N\n$/);
  });

  test('--json goes on, a snapshot a line, until it is stopped', async () => {
    const { cwd } = await startPlace();
    const cli = startCli(['top', '--json', '--interval', '200ms'], { cwd });
    await cli.waitForLine(() => cli.stdout.split('\n').length > 3);
    expect(await cli.stop('SIGINT')).toMatchObject({ code: 130 });
    for (const line of cli.stdout.trim().split('\n')) expect(JSON.parse(line).version).toBe(1);
  });

  test.for([
    [['top'], /the dashboard needs a terminal, and stdout is not one\nNext: rtserver top --once/, 2],
    [['start', '--tui'], /--tui needs a terminal/, 2],
    [
      ['top', '--once', '--sort', 'shoe'],
      /no column of rooms\nNext: --sort with one of sockets, room, users, events/,
      2,
    ],
    [['top', '--once', '--sort', 'address', '--view', 'sockets'], /no column of sockets/, 2],
    [
      ['top', '--once', '--filter', 'lobby !sokets>3'],
      /--filter lobby !sokets>3: rooms have no field "sokets"\. Did you mean "sockets"\?\nNext: one of room, sockets, /,
      2,
    ],
    [['top', '--once', '--view', 'users', '--filter', 'bogus=3'], /users have no field "bogus"\./, 2],
    [['top', '--filter', 'sockets>many'], /sockets> takes a number, and "many" is none/, 2],
    [['top', '--json', '--limit', '201'], /--limit is 200 at most where snapshots go on\nNext: add --once/, 2],
    [['top', '--limit', '3'], /--limit is for rows that are printed/, 2],
    [['top', '--force'], /--force is for the file of --record/, 2],
    [['top', '--once', '--interval', '1ms'], /--interval must be 200ms to 1m\nNext: leave it out for 500ms\./, 2],
    [['top', '--once', '--record', 'x'], /--record records the dashboard.*\nNext: leave out/, 2],
    [['top', '--once', '--url', 'http://127.0.0.1:9', '--token', 'x'], /cannot be reached/, 3],
  ] as const)('%j says what is wrong', async ([args, message, code]) => {
    const result = await runCli(args);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code, stdout: '' });
  });

  test('a user who is no administrator is refused', async () => {
    const { cwd } = await startPlace();
    const { stdout: token } = await runCli(['token', '--user', '7'], { cwd });
    const result = await runCli(['top', '--once', '--token', token.trim()], { cwd });
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toMatch(/no scope "admin"/);
  });
});
