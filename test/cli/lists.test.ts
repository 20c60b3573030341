import { describe, expect, test } from 'vitest';
import { widthOf } from '../../src/contract/width.ts';
import { connectClient } from '../support/connect.ts';
import { parseLines, type ServerUnderCommands, startServerForCommands } from './against-server.ts';

const ROOMS = 1_500;

async function startWithRooms(count: number): Promise<ServerUnderCommands> {
  const started = await startServerForCommands();
  const socket = await connectClient(started.url, { token: started.token('42') });
  const rooms = Array.from({ length: count - 1 }, (_, index) => `room-${String(index).padStart(4, '0')}`);
  await started.server.io.sockets.sockets.get(String(socket.id))?.join(rooms);
  return started;
}

interface RoomPage {
  items: { room: string }[];
  next?: string;
}

describe('the pages of a long list', () => {
  test('are 100 long, say that there are more, and follow one another without a gap', async () => {
    const { run } = await startWithRooms(250);
    const human = await run(['ls', 'rooms']);
    expect(human.stdout.trimEnd().split('\n')).toHaveLength(101);
    const cursor = /^There are more: --limit N, or --cursor (\S+)\n$/.exec(human.stderr)?.[1] ?? '';
    const pages = [await run(['ls', 'rooms', '--json'])];
    expect(pages[0]).toMatchObject({ code: 0, stderr: '' });
    for (let next: string | undefined = cursor; next !== undefined; ) {
      const page = await run(['ls', 'rooms', '--json', '--cursor', next]);
      pages.push(page);
      next = (JSON.parse(page.stdout) as RoomPage).next;
    }
    const rooms = pages.flatMap(({ stdout }) => parseLines<RoomPage>(stdout)[0]?.items ?? []).map(({ room }) => room);
    expect(rooms).toHaveLength(250);
    expect(new Set(rooms)).toHaveLength(250);
    expect(pages).toHaveLength(3);
  });

  test('are gone through by itself for a --limit beyond what one request gives', async () => {
    const { run } = await startWithRooms(ROOMS);
    const { code, stdout } = await run(['ls', 'rooms', '--limit', '1200', '--json']);
    const page = JSON.parse(stdout) as RoomPage;
    expect({ code, items: page.items.length, next: typeof page.next }).toEqual({
      code: 0,
      items: 1_200,
      next: 'string',
    });
    const rest = await run(['ls', 'rooms', '--limit', '1200', '--cursor', String(page.next)]);
    expect(rest.stdout.trimEnd().split('\n')).toHaveLength(ROOMS - 1_200 + 1);
    expect(rest.stderr).toBe('');
    const all = JSON.parse((await run(['ls', 'rooms', '--limit', '99999', '--json'])).stdout) as RoomPage;
    expect(all.items).toHaveLength(ROOMS);
    expect(all.next).toBeUndefined();
  });

  test('a cursor that is none is refused by the server, with 4', async () => {
    const { run } = await startServerForCommands();
    for (const what of ['sockets', 'rooms', 'users', 'refusals']) {
      const { code, stdout, stderr } = await run(['ls', what, '--cursor', '\u001b[31mnonsense']);
      expect(stderr, what).not.toContain('\u001b');
      expect(stderr, what).toMatch(/cursor: must be `next` of the page before .PAYLOAD_INVALID.\nNext: /);
      expect({ code, stdout }, what).toEqual({ code: 4, stdout: '' });
    }
  });
});

test('an empty list speaks of a match only where there are filters', async () => {
  const { run } = await startServerForCommands();
  for (const what of ['sockets', 'rooms', 'users']) {
    expect((await run(['ls', what])).stderr, what).toMatch(/^(?!.*match).*rtserver join/);
  }
});

test('columns stand under one another, however wide the signs of a name are', async () => {
  const { run, url, token } = await startServerForCommands();
  for (const user of ['\u540d\u524d', '👩‍👩‍👧', 'plain']) await connectClient(url, { token: token(user) });
  const lines = (await run(['ls', 'users'])).stdout.trimEnd().split('\n');
  const places = lines.map((line) => widthOf(/^\S+ +/.exec(line)?.[0] ?? ''));
  expect(lines).toHaveLength(4);
  expect(new Set(places)).toHaveLength(1);
});

test('every kind of list has its columns, and a filter that matches nobody says so', async () => {
  const { run, url, token } = await startServerForCommands({ limits: { connectionsPerUser: 1 } });
  const socket = await connectClient(url, { token: token('42') });
  await socket.emitWithAck('room:join', { room: 'lobby' });
  await connectClient(url, { token: token('42') }).catch(() => {});
  const rows = async (...args: string[]) => (await run(['ls', ...args])).stdout.trimEnd().split('\n');
  expect(await rows('sockets', '--user', '42', '--room', 'lobby')).toEqual([
    expect.stringMatching(/^SOCKET +USER +ROOMS +TRANSPORT +ADDRESS +CONNECTED +LAST SEEN +BUFFERED +NODE$/),
    expect.stringMatching(
      new RegExp(`^${socket.id} +42 +user:42 lobby +websocket +127\\.0\\.0\\.1 +\\d+s ago +\\d+s ago +0 B +\\S+:\\d+$`),
    ),
  ]);
  expect(await rows('rooms', '--prefix', 'lob')).toEqual(['ROOM   SOCKETS  USERS', 'lobby  1        1']);
  expect(await rows('users')).toEqual([
    expect.stringMatching(/^USER +SOCKETS +CONNECTED$/),
    expect.stringMatching(/^42 +1 +\d+s ago$/),
  ]);
  expect(await rows('refusals', '--limit', '1')).toEqual([
    expect.stringMatching(/^WHEN +WHAT +CODE +USER +ADDRESS +ORIGIN +CORRELATION ID$/),
    expect.stringMatching(/^\d+s ago +refused +MAX_CONNECTIONS_EXCEEDED +42 +127\.0\.0\.1 +- +\S{10,}$/),
  ]);
  for (const args of [
    ['sockets', '--user', '43'],
    ['sockets', '--room', 'nowhere'],
    ['sockets', '--room', 'user:John Smith'],
    ['sockets', '--user', '42', '--room', 'nowhere'],
    ['rooms', '--prefix', 'z'],
  ]) {
    const { code, stdout, stderr } = await run(['ls', ...args]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: expect.stringMatching(/that match/) });
    expect((await run(['ls', ...args, '--json'])).stdout).toBe('{"items":[]}\n');
  }
});
