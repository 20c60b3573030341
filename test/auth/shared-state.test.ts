import { expect, onTestFinished, test } from 'vitest';
import { createSessions } from '../../src/auth/sessions.ts';
import { openSharedState, toTables } from '../../src/auth/shared-state.ts';
import { createMemoryStore } from '../../src/auth/state.ts';
import type { Bus, SharedTables, TableChange } from '../../src/contract/cluster.ts';

/** A node whose reading of the shared tables is held up by hand. */
async function startNode() {
  const shared = toTables(createMemoryStore());
  let gate = Promise.resolve();
  const tables: SharedTables = {
    write: shared.write,
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

test('what comes while everything is read is newer than what is read', async () => {
  const { store, sessions, hear, holdReading } = await startNode();
  const { token } = await sessions.create('42', 600_000, {});
  const [hash] = [...store.state.sessions.keys()] as [string];
  const letGo = holdReading();
  const reloading = store.reload();
  const created = { ...store.state.sessions.get(hash), userId: '43' };
  hear([
    { table: 'sessions', key: hash, value: null },
    { table: 'sessions', key: 'another', value: JSON.stringify(created) },
  ]);
  letGo();
  await reloading;
  expect(() => sessions.find(token)).toThrow(expect.objectContaining({ code: 'SESSION_INVALID' }));
  expect([...store.state.sessions.keys()]).toEqual(['another']);
});
