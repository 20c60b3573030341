import { expect, onTestFinished, test } from 'vitest';
import { createRevocations } from '../../src/auth/revocations.ts';
import { createSessions } from '../../src/auth/sessions.ts';
import { openSharedState, toTables } from '../../src/auth/shared-state.ts';
import { createMemoryStore } from '../../src/auth/state.ts';
import type { Bus, SharedTables, TableChange } from '../../src/contract/cluster.ts';
import { RtError } from '../../src/contract/errors.ts';

/** A node whose reading of the shared tables is held up by hand. */
async function startNode(shared = toTables(createMemoryStore())) {
  let gate = Promise.resolve();
  const written: TableChange[] = [];
  const tables: SharedTables = {
    write(changes) {
      written.push(...changes);
      return shared.write(changes);
    },
    async readAll(names) {
      const found = await shared.readAll(names);
      await gate;
      return found;
    },
  };
  let hear: (changes: never) => unknown = () => {};
  const bus: Bus = {
    ask: async () => ({ answers: [], missing: 0 }),
    answer(_topic, handler) {
      hear = handler;
    },
  };
  const store = await openSharedState(tables, bus);
  onTestFinished(store.close);
  return {
    store,
    written,
    sessions: createSessions(store),
    hear: (changes: TableChange[]) => hear(changes as never),
    holdReading() {
      let letGo = () => {};
      gate = new Promise((resolve) => {
        letGo = resolve;
      });
      return letGo;
    },
  };
}

const UNKNOWN = expect.objectContaining({ code: 'SESSION_INVALID' });

test('what comes while everything is read is newer than what is read', async () => {
  const { store, sessions, hear, holdReading } = await startNode();
  const { token, expiresAt } = await sessions.create('42', 600_000, {});
  const [hash] = [...store.state.sessions.keys()] as [string];
  const letGo = holdReading();
  const reloading = store.reload();
  const created = { ...store.state.sessions.get(hash), userId: '43' };
  hear([
    { table: 'endedSessions', key: hash, value: JSON.stringify(expiresAt) },
    { table: 'sessions', key: 'another', value: JSON.stringify(created) },
  ]);
  letGo();
  await reloading;
  expect(() => sessions.find(token)).toThrow(UNKNOWN);
  expect([...store.state.sessions.keys()]).toEqual(['another']);
});

test('a session that is heard of after its end has ended', async () => {
  const { store, sessions, hear } = await startNode();
  const { token } = await sessions.create('42', 600_000, {});
  const [[key, session] = ['']] = store.state.sessions;
  await sessions.revokeToken(token);
  hear([{ table: 'sessions', key, value: JSON.stringify(session) }]);
  expect(() => sessions.find(token)).toThrow(UNKNOWN);
});

test('a store that has an older state is told what it lacks, and what has ended since', async () => {
  const { store, sessions } = await startNode();
  const [ended, kept] = [await sessions.create('42', 600_000, {}), await sessions.create('43', 600_000, {})];
  const [[key, session] = ['']] = store.state.sessions;
  await sessions.revokeToken(ended.token);
  store.state.revokedUsers.set('44', 2_000);
  const older = toTables(createMemoryStore());
  await older.write([
    { table: 'sessions', key, value: JSON.stringify(session) },
    { table: 'revokedUsers', key: '44', value: '1000' },
  ]);
  const second = await startNode(older);
  second.hear([
    { table: 'endedSessions', key, value: JSON.stringify(ended.expiresAt) },
    ...[...store.state.sessions].map(([hash, each]) => ({ table: 'sessions', key: hash, value: JSON.stringify(each) })),
    { table: 'revokedUsers', key: '44', value: '2000' },
  ]);
  await second.store.reload();
  const found = await older.readAll(['sessions', 'endedSessions', 'revokedUsers']);
  expect(Object.keys(found['sessions'] ?? {})).toEqual([...store.state.sessions.keys()]);
  expect(Object.keys(found['endedSessions'] ?? {})).toEqual([key]);
  expect(found['revokedUsers']).toEqual({ '44': '2000' });
  expect(second.sessions.find(kept.token).userId).toBe('43');
});

test('of many sessions, only the one that changes is encoded and written', async () => {
  const { sessions, written } = await startNode();
  let encoded = 0;
  const claims = {
    get role() {
      encoded++;
      return 'guest';
    },
  };
  for (let count = 0; count < 10; count++) await sessions.create('42', 600_000, claims);
  expect(encoded).toBe(10);
  const { token } = await sessions.create('43', 600_000, {});
  written.length = 0;
  await sessions.revokeToken(token);
  expect(written.map(({ table }) => table)).toEqual(['endedSessions', 'sessions']);
  expect(encoded).toBe(10);
});

/** Tables in memory that take a change, and may then fail to keep it. */
function createForgetfulTables() {
  const memory = toTables(createMemoryStore());
  const kept: TableChange[] = [];
  const tables = {
    isBroken: false,
    kept,
    readAll: memory.readAll,
    async write(changes: readonly TableChange[]) {
      await memory.write(changes);
      if (tables.isBroken) throw new RtError('STATE_NOT_SAVED', { reason: 'ENOSPC' });
      kept.push(...changes);
    },
  };
  return tables;
}

test('what could be read but was not kept is written again, and only then said to be', async () => {
  const tables = createForgetfulTables();
  const { store } = await startNode(tables);
  const revocations = createRevocations(store);
  tables.isBroken = true;
  const failed = expect.objectContaining({ code: 'STATE_NOT_SAVED' });
  await expect(revocations.revokeToken('jti')).rejects.toEqual(failed);
  await expect(revocations.revokeToken('jti')).rejects.toEqual(failed);
  expect(tables.kept).toEqual([]);
  tables.isBroken = false;
  await revocations.revokeToken('jti');
  expect(tables.kept).toContainEqual({ table: 'revokedTokens', key: 'jti', value: 'null' });
});

test('a node that may begin without its store knows all as soon as it has read it, whatever the store then takes', async () => {
  const expired = { userId: '42', claims: {}, createdAt: 0, expiresAt: 1 };
  const found = { sessions: { old: JSON.stringify(expired) } };
  const store = await openSharedState(
    { readAll: async () => found, write: () => Promise.reject(new Error('away')) },
    { ask: async () => ({ answers: [], missing: null }), answer() {} },
    true,
  );
  onTestFinished(store.close);
  expect(store.isRead()).toBe(true);
  expect(store.trouble()).toBe('the shared state: away');
});

test('of two revocations of one token the longer counts, in whichever order they come', async () => {
  const later = Date.now() + 600_000;
  for (const [first, second, longest] of [
    [later, later - 1, later],
    [later - 1, later, later],
    [null, later, null],
    [later, null, null],
  ] as const) {
    const { store, hear } = await startNode();
    await createRevocations(store).revokeToken('jti', first ?? undefined);
    hear([{ table: 'revokedTokens', key: 'jti', value: JSON.stringify(second) }]);
    expect(store.state.revokedTokens.get('jti')).toBe(longest);
    await createRevocations(store).revokeToken('jti', later - 2);
    expect(store.state.revokedTokens.get('jti')).toBe(longest);
  }
});

test('a session that could not be kept is not handed out later', async () => {
  const tables = createForgetfulTables();
  const { store, sessions } = await startNode(tables);
  tables.isBroken = true;
  await expect(sessions.create('42', 600_000, {})).rejects.toMatchObject({ code: 'STATE_NOT_SAVED' });
  expect(store.state.sessions.size).toBe(0);
  tables.isBroken = false;
  await store.reload();
  expect(Object.keys((await tables.readAll(['sessions']))['sessions'] ?? {})).toEqual([]);
});

test('only what takes the ground from somebody is looked at for connections', async () => {
  const { store, hear } = await startNode();
  let looks = 0;
  store.onChanged(() => ++looks);
  const session = { userId: '42', claims: {}, createdAt: 1, expiresAt: Date.now() + 600_000 };
  hear([{ table: 'sessions', key: 'new', value: JSON.stringify(session) }]);
  expect(looks).toBe(0);
  hear([{ table: 'endedSessions', key: 'new', value: String(session.expiresAt) }]);
  expect(looks).toBe(1);
});
