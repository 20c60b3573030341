import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { RtError } from '../contract/errors.ts';
import type { Claims } from '../contract/identity.ts';

export interface SessionRecord {
  userId: string;
  claims: Claims;
  createdAt: number;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** What has to survive a restart. */
export interface State {
  /** By SHA-256 of the session token: the tokens themselves are nowhere. */
  sessions: Map<string, SessionRecord>;
  /** Those that were ended, and when they would have run out: until then nothing brings them back. */
  endedSessions: Map<string, number>;
  /** `jti` to when the token expires and the entry can go; `null` where that is not known. */
  revokedTokens: Map<string, number | null>;
  /** User id to when all tokens issued until then were revoked. */
  revokedUsers: Map<string, number>;
}

export const TABLES = ['sessions', 'endedSessions', 'revokedTokens', 'revokedUsers'] as const satisfies (keyof State)[];

/** An entry that is there, or is not any more. */
export interface EntryName {
  table: (typeof TABLES)[number];
  key: string;
}

/** What a change did on the other nodes. */
export interface Elsewhere {
  /** Connections that ended there. */
  closed: number;
  /** Nodes that did not say that they know of it; `null` where nobody could be told. */
  missing: number | null;
}

export interface StateStore {
  readonly state: State;
  /** Is what `state` holds all that there is? Not while a store of others could not be read yet. */
  isRead?(): boolean;
  /**
   * Resolves when what `state` holds now is kept.
   *
   * @param touched what was changed since
   * @throws RtError `STATE_NOT_SAVED`
   */
  save(touched: readonly EntryName[]): Promise<Elsewhere>;
}

const NOWHERE: Elsewhere = { closed: 0, missing: 0 };

/** In a file, or without one in memory. */
export async function openOwnStore(file: string | undefined): Promise<StateStore> {
  return file === undefined ? createMemoryStore() : openStateFile(file);
}

/** Forgets everything with the process. */
export function createMemoryStore(): StateStore {
  const state = emptyState();
  return {
    state,
    async save() {
      dropExpired(state);
      return NOWHERE;
    },
  };
}

/**
 * Keeps the state in a JSON file of mode 0600, replaced whole and synced to the disk before `save` resolves. Changes made
 * while a write is under way share the next one.
 *
 * @throws RtError `CONFIG_INVALID` for a file that cannot be read, since starting without it would let revoked tokens in; or
 * whose folder cannot be written to
 */
async function openStateFile(path: string): Promise<StateStore> {
  const state = await readState(path);
  await requireFolder(path);
  let writing: Promise<Elsewhere> | undefined;
  let queued: Promise<Elsewhere> | undefined;

  async function write(): Promise<Elsewhere> {
    dropExpired(state);
    try {
      await makeFolder(dirname(path));
      await writeFileAtomic(path, serialize(state), { mode: 0o600 });
      return NOWHERE;
    } catch (cause) {
      throw new RtError(
        'STATE_NOT_SAVED',
        { reason: (cause as NodeJS.ErrnoException).code ?? 'write failed' },
        { cause },
      );
    }
  }

  function start(): Promise<Elsewhere> {
    queued = undefined;
    writing = write().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  return {
    state,
    save() {
      if (writing === undefined) return start();
      queued ??= writing.then(start, start);
      return queued;
    },
  };
}

async function requireFolder(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    const why = `its folder cannot be written to (${(cause as NodeJS.ErrnoException).code})`;
    throw unusable(path, why, cause);
  }
}

/** Not by `recursive`, which on Node 20 never ends where a folder refuses with ENOENT, as below /proc. */
async function makeFolder(folder: string, isParentMade = false): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || isParentMade || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await makeFolder(folder, true);
  }
}

export function emptyState(): State {
  return { sessions: new Map(), endedSessions: new Map(), revokedTokens: new Map(), revokedUsers: new Map() };
}

const time = z.number();

const listOf = <Value extends z.ZodType>(value: Value) => z.array(z.tuple([z.string(), value]));

/** What `serialize` writes. Lists of pairs, because an object would lose an id such as `__proto__`. */
const fileSchema = z.object({
  version: z.literal(1),
  sessions: listOf(
    z.object({ userId: z.string(), claims: z.record(z.string(), z.unknown()), createdAt: time, expiresAt: time }),
  ),
  endedSessions: listOf(time).default([]),
  revokedTokens: listOf(time.nullable()),
  revokedUsers: listOf(time),
});

async function readState(path: string): Promise<State> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return emptyState();
    throw unusable(path, (cause as NodeJS.ErrnoException).code ?? 'cannot be read', cause);
  }
  try {
    const { sessions, endedSessions, revokedTokens, revokedUsers } = fileSchema.parse(JSON.parse(text));
    return {
      sessions: new Map(sessions),
      endedSessions: new Map(endedSessions),
      revokedTokens: new Map(revokedTokens),
      revokedUsers: new Map(revokedUsers),
    };
  } catch (cause) {
    throw unusable(path, 'it is not the JSON that rtserver wrote', cause, true);
  }
}

const unusable = (file: string, why: string, cause: unknown, isBroken = false) =>
  new RtError('CONFIG_INVALID', { key: 'state.file', reason: `state.file ${file}: ${why}`, file, isBroken }, { cause });

function serialize(state: State): string {
  const lists = Object.fromEntries(TABLES.map((table) => [table, [...state[table]]]));
  return `${JSON.stringify({ version: 1, ...lists })}\n`;
}

/** Of two times until which something is to be remembered, the later; `null` is for ever. */
export function laterEnd(known: number | null | undefined, said: number | null): number | null {
  if (known === undefined) return said;
  return known === null || said === null ? null : Math.max(known, said);
}

/** Forgets what has run out by itself; says what. */
export function dropExpired(state: State): EntryName[] {
  const now = Date.now();
  const dropped: EntryName[] = [];
  for (const table of ['sessions', 'endedSessions', 'revokedTokens'] as const) {
    for (const [key, entry] of state[table]) {
      const expiresAt = typeof entry === 'number' ? entry : entry?.expiresAt;
      if (expiresAt === undefined || expiresAt > now) continue;
      state[table].delete(key);
      dropped.push({ table, key });
    }
  }
  return dropped;
}
