import type { Bus, SharedTables, TableChange } from '../contract/cluster.ts';
import { dropExpired, emptyState, type SessionRecord, type State, type StateStore } from './state.ts';

export interface SharedStateStore extends StateStore {
  /**
   * Called when another node has changed something: ends the connections of this node that have lost their ground, and
   * says how many. One listener.
   */
  onChanged(listener: () => number): void;
  /** Reads everything again: messages may have been missed. What fails is tried again by itself. */
  reload(): Promise<void>;
  /** Why what this node knows may be old; `undefined` where it is not. */
  trouble(): string | undefined;
  /** Has everything been read at least once? */
  isRead(): boolean;
  /** Tries nothing again any more. */
  close(): void;
}

type Flat = Map<string, TableChange & { value: string }>;

const RETRY_MS = 2_000;

const TABLES = ['sessions', 'revokedTokens', 'revokedUsers'] as const;

/**
 * The state of a whole cluster: each node has all of it at hand, so that letting somebody in waits for nothing, and goes on
 * while the store is away. `save` resolves when the change is kept and the other nodes have it.
 *
 * @param mayBeUnread begin also where nothing can be read: it is tried again until it can
 */
export async function openSharedState(tables: SharedTables, bus: Bus, mayBeUnread = false): Promise<SharedStateStore> {
  const state = emptyState();
  /** What the store holds, as far as this node knows. */
  let known: Flat = new Map();
  /** Sessions that were ended, and when they would have run out: a store that goes back in time must not bring them back. */
  const ended = new Map<string, number>();
  let onChanged = () => 0;
  /** What came while everything is read, and may be newer than that. */
  let during: TableChange[] | undefined;
  let isRead = false;
  let isStale = false;
  let failure: Error | undefined;
  let reloading: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const isEnded = ({ table, key, value }: TableChange) => table === 'sessions' && value !== null && ended.has(key);

  function rememberEnded(changes: readonly TableChange[]): void {
    const now = Date.now();
    for (const [hash, expiresAt] of ended) if (expiresAt <= now) ended.delete(hash);
    for (const { table, key, value } of changes) {
      const before = known.get(nameOf({ table, key }));
      if (table !== 'sessions' || value !== null || before === undefined) continue;
      ended.set(key, (JSON.parse(before.value) as SessionRecord).expiresAt);
    }
  }

  function apply(changes: readonly TableChange[]): void {
    rememberEnded(changes);
    during?.push(...changes);
    for (const change of changes) {
      // Known to be in the store, but not in force: it is taken out of there again.
      if (!isEnded(change)) applyToState(state, change);
      const name = nameOf(change);
      if (change.value === null) known.delete(name);
      else known.set(name, { ...change, value: change.value });
    }
  }

  async function save(): Promise<number> {
    dropExpired(state);
    const changes = differences(flatten(state), known);
    if (changes.length === 0) return 0;
    rememberEnded(changes);
    try {
      await tables.write(changes);
    } catch (error) {
      retryLater();
      throw error;
    }
    apply(changes);
    const { answers } = await bus.ask<number>('state-changed', changes);
    return answers.reduce((sum, closed) => sum + closed, 0);
  }

  async function readAll(): Promise<void> {
    const heard: TableChange[] = [];
    during = heard;
    const found = await tables.readAll(TABLES).finally(() => {
      during = undefined;
    });
    // Changes of our own that the store has not taken yet.
    const pending = differences(flatten(state), known);
    known = new Map();
    if (found !== undefined) {
      // Revocations stay: the store may have lost its last ones.
      state.sessions.clear();
      for (const table of TABLES) {
        apply(Object.entries(found[table] ?? {}).map(([key, value]) => ({ table, key, value })));
      }
      apply(heard);
      for (const change of pending) applyToState(state, change);
    }
    // A store that has lost everything gets it again from whoever remembers.
    await saveAndEnd();
  }

  /** Also what could not be saved is in force here. */
  const saveAndEnd = () => save().finally(() => onChanged());

  async function readUntilFresh(): Promise<void> {
    try {
      while (isStale) {
        isStale = false;
        await readAll();
      }
      isRead = true;
      failure = undefined;
    } catch (error) {
      isStale = true;
      failure = error as Error;
      retryLater();
      throw error;
    }
  }

  function reload(): Promise<void> {
    // Also while it reads: what it reads may be old already.
    isStale = true;
    reloading ??= readUntilFresh().finally(() => {
      reloading = undefined;
    });
    return reloading;
  }

  function retryLater(): void {
    if (isClosed || retry !== undefined) return;
    retry = setTimeout(() => {
      retry = undefined;
      (isStale ? reload() : saveAndEnd()).catch(() => {});
    }, RETRY_MS);
    retry.unref();
  }

  function close(): void {
    isClosed = true;
    clearTimeout(retry);
  }

  bus.answer('state-changed', (changes: readonly TableChange[]) => {
    apply(changes);
    if (changes.some(isEnded)) save().catch(() => {});
    return onChanged();
  });
  await reload().catch((error: unknown) => {
    if (mayBeUnread) return;
    close();
    throw error;
  });

  return {
    state,
    save,
    reload,
    trouble: () => failure && `the shared state: ${failure.message}`,
    isRead: () => isRead,
    close,
    onChanged(listener) {
      onChanged = listener;
    },
  };
}

const nameOf = ({ table, key }: Pick<TableChange, 'table' | 'key'>) => `${table} ${key}`;

function flatten(state: State): Flat {
  const flat: Flat = new Map();
  for (const table of TABLES) {
    for (const [key, entry] of state[table]) {
      flat.set(nameOf({ table, key }), { table, key, value: JSON.stringify(entry) });
    }
  }
  return flat;
}

/** The state of this process as tables, for others to share. */
export function toTables({ state, save }: StateStore): SharedTables {
  return {
    async write(changes) {
      for (const change of changes) applyToState(state, change);
      await save();
    },
    async readAll(tables) {
      const all = [...flatten(state).values()];
      const entriesOf = (name: string) => all.filter(({ table }) => table === name);
      return Object.fromEntries(
        tables.map((name) => [name, Object.fromEntries(entriesOf(name).map(({ key, value }) => [key, value]))]),
      );
    },
  };
}

function differences(now: Flat, before: Flat): TableChange[] {
  const changes: TableChange[] = [];
  for (const [name, entry] of now) if (before.get(name)?.value !== entry.value) changes.push(entry);
  for (const [name, { table, key }] of before) if (!now.has(name)) changes.push({ table, key, value: null });
  return changes;
}

function applyToState(state: State, { table, key, value }: TableChange): void {
  const entries: Map<string, unknown> = state[table as (typeof TABLES)[number]];
  if (value === null) entries.delete(key);
  else if (table === 'revokedUsers') {
    // Two nodes may have revoked at once: the later time covers both.
    state.revokedUsers.set(key, Math.max(state.revokedUsers.get(key) ?? 0, JSON.parse(value) as number));
  } else entries.set(key, JSON.parse(value) as SessionRecord | number | null);
}
