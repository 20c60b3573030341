import { expect, test } from 'vitest';
import type { Page, RefusalInfo, RoomInfo, UserInfo } from '../../src/contract/resources.ts';
import type { BuiltServer } from '../hardening/built-server.ts';
import { connectClient } from '../support/connect.ts';
import { until } from '../support/until.ts';
import { startWorkers } from './start-workers.ts';

async function get<Item>({ request }: BuiltServer, path: string): Promise<Page<Item>> {
  const response = await request(path);
  expect(response.status).toBe(200);
  return (await response.json()) as Page<Item>;
}

/** Refused for its origin, on whichever worker has its turn. */
const beRefused = ({ url }: BuiltServer) =>
  fetch(new URL('/socket.io/?EIO=4&transport=polling', url), {
    headers: { origin: 'https://elsewhere.example', connection: 'close' },
  });

test('pages of refusals of several workers show each once, also those of the same millisecond', async () => {
  const server = await startWorkers();
  const all = await until(async () => {
    await Promise.all(Array.from({ length: 40 }, () => beRefused(server)));
    const { items } = await get<RefusalInfo>(server, '/api/refusals?limit=1000');
    const isShared = items.some((one) => items.some(({ at, node }) => at === one.at && node !== one.node));
    return isShared && items;
  });
  for (const limit of [1, 3]) {
    const found: RefusalInfo[] = [];
    let cursor = '';
    for (;;) {
      const { items, next } = await get<RefusalInfo>(server, `/api/refusals?limit=${limit}${cursor}`);
      found.push(...items);
      if (next === undefined) break;
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
    expect(found).toEqual(all);
  }
});

test('pages of users go on after one who has gone, whichever worker is asked', async () => {
  const server = await startWorkers();
  const names = Array.from({ length: 6 }, (_, n) => `u${n}`);
  const sockets = await Promise.all(names.map((name) => connectClient(server.url, { token: server.token(name) })));
  const { items, next } = await get<UserInfo>(server, '/api/users?limit=3');
  expect(items.map(({ userId }) => userId)).toEqual(names.slice(0, 3));
  sockets[2]?.disconnect();
  await until(async () => (await get<UserInfo>(server, '/api/users')).items.length === 5);
  for (let asked = 0; asked < 6; asked++) {
    const rest = await get<UserInfo>(server, `/api/users?limit=3&cursor=${encodeURIComponent(String(next))}`);
    expect(rest.items.map(({ userId }) => userId)).toEqual(names.slice(3));
  }
});

test('a user who is in a room on several workers is one user of it', async () => {
  const server = await startWorkers();
  for (let at = 0; at < 12; at++) {
    const socket = await connectClient(server.url, { token: server.token(`user-${at % 5}`) });
    await socket.emitWithAck('room:join', { room: 'red' });
  }
  for (const limit of [1, 100, 1_000]) {
    expect(await get<RoomInfo>(server, `/api/rooms?prefix=red&limit=${limit}`)).toEqual({
      items: [{ room: 'red', sockets: 12, users: 5 }],
    });
  }
});
