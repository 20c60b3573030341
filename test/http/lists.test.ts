import { describe, expect, test } from 'vitest';
import type { Page, RefusalInfo, RoomInfo, SocketInfo, UserInfo } from '../../src/contract/resources.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

type Started = Awaited<ReturnType<typeof startServer>>;

async function get<Item>({ request }: Started, path: string): Promise<Page<Item>> {
  const response = await request(path);
  expect(response.status).toBe(200);
  return (await response.json()) as Page<Item>;
}

/** All pages, one after the other; `between` runs after each. */
async function walk<Item>(
  started: Started,
  path: string,
  between: (page: number) => unknown = () => {},
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 100; page += 1) {
    const next = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { items, next: following } = await get<Item>(started, `${path}${next}`);
    found.push(...items);
    if (following === undefined) return found;
    cursor = following;
    await between(page);
  }
  throw new Error('the pages have no end');
}

const connect = ({ url, token }: Started, userId: string) => connectClient(url, { token: token(userId) });

describe('GET /api/sockets', () => {
  test('tells all about each', async () => {
    const started = await startServer();
    const before = Date.now();
    const socket = await connect(started, '42');
    await socket.emitWithAck('room:join', { room: 'red' });
    const polling = await connectClient(started.url, { token: started.token('43'), transports: ['polling'] });
    const { items } = await get<SocketInfo>(started, '/api/sockets');
    expect(items.find(({ userId }) => userId === '42')).toEqual({
      id: socket.ready.socketId,
      userId: '42',
      rooms: ['user:42', 'red'],
      transport: 'websocket',
      address: '127.0.0.1',
      connectedAt: expect.any(Number),
      lastSeen: expect.any(Number),
      bufferedBytes: 0,
      node: expect.any(String),
    });
    expect(items.find(({ id }) => id === polling.ready.socketId)).toMatchObject({ transport: 'polling' });
    for (const { connectedAt } of items) expect(connectedAt).toBeGreaterThanOrEqual(before);
  });

  test('is narrowed by user and by room', async () => {
    const started = await startServer();
    const [ann1, ann2, bob] = [
      await connect(started, 'ann'),
      await connect(started, 'ann'),
      await connect(started, 'bob'),
    ];
    for (const socket of [ann1, bob]) await socket.emitWithAck('room:join', { room: 'red' });
    const idsOf = async (query: string) =>
      (await get<SocketInfo>(started, `/api/sockets?${query}`)).items.map(({ id }) => id).sort();
    const ids = (...sockets: (typeof ann1)[]) => sockets.map(({ ready }) => ready.socketId).sort();
    expect(await idsOf('user=ann')).toEqual(ids(ann1, ann2));
    expect(await idsOf('room=red')).toEqual(ids(ann1, bob));
    expect(await idsOf('room=user:ann')).toEqual(ids(ann1, ann2));
    expect(await idsOf('user=ann&room=red')).toEqual(ids(ann1));
    expect(await idsOf('user=nobody')).toEqual([]);
    expect(await idsOf('room=nothing')).toEqual([]);
  });
});

test('GET /api/rooms counts sockets and users, and takes a prefix', async () => {
  const started = await startServer();
  for (const user of ['ann', 'ann', 'bob']) {
    const socket = await connect(started, user);
    await socket.emitWithAck('room:join', { room: 'red' });
  }
  expect(await get<RoomInfo>(started, '/api/rooms')).toEqual({
    items: [
      { room: 'red', sockets: 3, users: 2 },
      { room: 'user:ann', sockets: 2, users: 1 },
      { room: 'user:bob', sockets: 1, users: 1 },
    ],
  });
  expect((await get<RoomInfo>(started, '/api/rooms?prefix=user:')).items.map(({ room }) => room)).toEqual([
    'user:ann',
    'user:bob',
  ]);
  expect(await get(started, '/api/rooms?prefix=zzz')).toEqual({ items: [] });
});

test('GET /api/users counts the sockets of each', async () => {
  const started = await startServer();
  const before = Date.now();
  for (const user of ['bob', 'ann', 'ann']) await connect(started, user);
  const { items } = await get<UserInfo>(started, '/api/users');
  expect(items).toMatchObject([
    { userId: 'ann', sockets: 2 },
    { userId: 'bob', sockets: 1 },
  ]);
  for (const { connectedAt } of items) expect(connectedAt).toBeGreaterThanOrEqual(before);
});

describe('cursors', () => {
  test('show each item once, on pages of the asked size', async () => {
    const started = await startServer({ limits: { roomsPerSocket: 1_000 } });
    const socket = await connect(started, '42');
    const rooms = Array.from({ length: 25 }, (_, n) => `room-${String(n).padStart(2, '0')}`);
    for (const room of rooms) await socket.emitWithAck('room:join', { room });
    const found = await walk<RoomInfo>(started, '/api/rooms?prefix=room-&limit=10');
    expect(found.map(({ room }) => room)).toEqual(rooms);
    expect((await get<RoomInfo>(started, '/api/rooms?prefix=room-&limit=25')).next).toBeUndefined();
    expect((await get<RoomInfo>(started, '/api/rooms?prefix=room-&limit=24')).items).toHaveLength(24);
  });

  test('hold while items come and go', async () => {
    const started = await startServer();
    const names = Array.from({ length: 12 }, (_, n) => `u${String(n).padStart(2, '0')}`);
    const sockets = new Map(
      await Promise.all(names.map(async (name) => [name, await connect(started, name)] as const)),
    );
    const found = await walk<UserInfo>(started, '/api/users?limit=3', async (page) => {
      // The last of the page that was shown goes, and so does one to come; others come before and behind.
      for (const name of [`u${String(page * 3 + 2).padStart(2, '0')}`, ...(page === 0 ? ['u10'] : [])]) {
        sockets.get(name)?.disconnect();
        await until(() => !started.server.users.isOnline(name));
      }
      await connect(started, `a${page}`);
    });
    const shown = found.map(({ userId }) => userId);
    expect(shown).toEqual(names.filter((name) => name !== 'u10'));
  });

  test('of refusals show each once, although new ones come meanwhile', async () => {
    const started = await startServer();
    for (let n = 0; n < 7; n += 1)
      await expectRefusal(started.url, { extraHeaders: { 'X-Correlation-Id': `old-${n}` } });
    const found = await walk<RefusalInfo>(started, '/api/refusals?limit=2', async (page) => {
      await expectRefusal(started.url, { extraHeaders: { 'X-Correlation-Id': `new-${page}` } });
    });
    const old = found.map(({ correlationId }) => correlationId).filter((id) => id.startsWith('old-'));
    expect(old).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `old-${n}`));
  });
});

test('GET /api/refusals keeps the last 1,000, newest first', async () => {
  const started = await startServer({ cors: { origins: [] } });
  for (let n = 0; n < 1_010; n += 10) {
    await Promise.all(
      Array.from({ length: 10 }, () =>
        fetch(new URL('/socket.io/?EIO=4&transport=polling', started.url), {
          headers: { origin: `https://x${n}.example` },
        }),
      ),
    );
  }
  const items = await walk<RefusalInfo>(started, '/api/refusals?limit=1000');
  expect(items).toHaveLength(1_000);
  expect(items[0]?.origin).toBe('https://x1000.example');
  expect(items.at(-1)?.origin).toBe('https://x10.example');
  expect((await get<RefusalInfo>(started, '/api/refusals')).items).toHaveLength(100);
});
