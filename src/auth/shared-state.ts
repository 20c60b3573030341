import type { Bus, SharedTables, TableChange } from '../contract/cluster.ts';
import { RtError } from '../contract/errors.ts';
import {
  dropExpired,
  type EntryName,
  emptyState,
  laterEnd,
  type SessionRecord,
  type State,
  type StateStore,
  TABLES,
} from './state.ts';

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

const RETRY_MS = 2_000;
/** What has run out counts no more; this is only about the room that it takes. */
const SWEEP_MS = 60_000;
const BATCH = 500;

/**
 * The state of a whole cluster: each node has all of it at hand, so that letting somebody in waits for nothing, and goes on
 * while the store is away. Until it runs out an entry only ever comes, also the one that says that a session was ended, so
 * that it does not matter in which order, from where and how often a node hears of it. `save` resolves when the change is
 * kept and the other nodes have it.
 *
 * @param mayBeUnread begin also where nothing can be read: it is tried again until it can
 */
export async function openSharedState(tables: SharedTables, bus: Bus, mayBeUnread = false): Promise<SharedStateStore> {
  const state = emptyState();
  let onChanged = () => 0;
  let isRead = false;
  /** The store may have what is not known here, or lack what is. */
  let isStale = false;
  let failure: Error | undefined;
  let reloading: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;
  let sweptAt = performance.now();

  function sweep(): EntryName[] {
    if (performance.now() - sweptAt < SWEEP_MS) return [];
    sweptAt = performance.now();
    return dropExpired(state);
  }

  async function write(changes: readonly TableChange[]): Promise<void> {
    try {
      for (let at = 0; at < changes.length; at += BATCH) await tables.write(changes.slice(at, at + BATCH));
    } catch (error) {
      isStale = true;
      retryLater();
      throw error;
    }
  }

  async function keep(changes: readonly TableChange[]): Promise<void> {
    try {
      // What could not be written before goes first.
      if (isStale) await reload();
      // Also after that: what is read may have it already, and not have kept it.
      await write(changes);
    } catch (cause) {
      // In force here all the same.
      onChanged();
      if (cause instanceof RtError) throw cause;
      throw new RtError('STATE_NOT_SAVED', { reason: 'the state could not be read again' }, { cause });
    }
  }

  /** Of what goes, all nodes know by themselves. */
  const isNews = ({ value }: TableChange) => value !== null;
  const tell = (changes: readonly TableChange[]) => bus.ask<number>('state-changed', changes.filter(isNews));

  async function readAndWrite(): Promise<void> {
    const found = await tables.readAll(TABLES);
    const owed = merge(state, found);
    // Known, whether or not the store takes what it lacks.
    isRead = true;
    await write(owed);
    // Of sessions the others know already: one that was not kept was not handed out either.
    const news = owed.filter((change) => change.table !== 'sessions' && isNews(change));
    for (let at = 0; at < news.length; at += BATCH) void tell(news.slice(at, at + BATCH));
  }

  async function readUntilFresh(): Promise<void> {
    try {
      while (isStale) {
        isStale = false;
        await readAndWrite();
      }
      failure = undefined;
    } catch (error) {
      isStale = true;
      failure = error as Error;
      retryLater();
      throw error;
    } finally {
      onChanged();
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
      reload().catch(() => {});
    }, RETRY_MS);
    retry.unref();
  }

  function close(): void {
    isClosed = true;
    clearTimeout(retry);
  }

  bus.answer('state-changed', (changes: readonly TableChange[]) => {
    for (const change of changes) take(state, change);
    sweep();
    // A new session takes the ground from nobody.
    return changes.some(({ table }) => table !== 'sessions') ? onChanged() : 0;
  });
  await reload().catch((error: unknown) => {
    if (mayBeUnread) return;
    close();
    throw error;
  });

  return {
    state,
    async save(touched) {
      const changes = [...touched, ...sweep()].map((name) => toChange(state, name));
      await keep(changes);
      const { answers, missing } = await tell(changes);
      return { closed: answers.reduce((sum, closed) => sum + closed, 0), missing };
    },
    reload,
    trouble: () => failure && `the shared state: ${failure.message}`,
    isRead: () => isRead,
    close,
    onChanged(listener) {
      onChanged = listener;
    },
  };
}

/** The state of this process as tables, for others to share. */
export function toTables({ state, save }: StateStore): SharedTables {
  return {
    async write(changes) {
      for (const change of changes) take(state, change);
      await save([]);
    },
    async readAll(tables) {
      const textsOf = (table: string) =>
        [...state[table as EntryName['table']]].map(([key, entry]) => [key, JSON.stringify(entry)]);
      return Object.fromEntries(tables.map((table) => [table, Object.fromEntries(textsOf(table))]));
    },
  };
}

/** Takes in what a store has; says what it has to be told, so that it has what is known here. */
function merge(state: State, found: Record<string, Record<string, string>>): TableChange[] {
  const theirs = TABLES.map((table) => [table, new Map(Object.entries(found[table] ?? {}))] as const);
  for (const [table, entries] of theirs) for (const [key, value] of entries) take(state, { table, key, value });
  dropExpired(state);
  return theirs.flatMap(([table, entries]) => {
    // A session never changes: that it is there is enough.
    const ours = [...state[table].keys()].filter((key) => table !== 'sessions' || !entries.has(key));
    const gone = [...entries.keys()].filter((key) => !state[table].has(key));
    const changes = [...ours, ...gone].map((key) => toChange(state, { table, key }));
    return changes.filter(({ key, value }) => entries.get(key) !== value);
  });
}

function toChange(state: State, { table, key }: EntryName): TableChange {
  const entry = state[table].get(key);
  return { table, key, value: entry === undefined ? null : JSON.stringify(entry) };
}

function take(state: State, { table, key, value }: TableChange): void {
  if (value === null) state[table as EntryName['table']].delete(key);
  else if (table === 'revokedUsers') {
    // Two nodes may have revoked at once: the later time covers both.
    state.revokedUsers.set(key, Math.max(state.revokedUsers.get(key) ?? 0, JSON.parse(value) as number));
  } else if (table === 'sessions') {
    if (state.endedSessions.has(key) || state.sessions.has(key)) return;
    state.sessions.set(key, JSON.parse(value) as SessionRecord);
  } else if (table === 'revokedTokens') {
    state.revokedTokens.set(key, laterEnd(state.revokedTokens.get(key), JSON.parse(value) as number | null));
  } else {
    state.endedSessions.set(key, JSON.parse(value) as number);
    state.sessions.delete(key);
  }
}
