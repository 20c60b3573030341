import { createLease, LEASE_MS } from './lease.ts';
import type { RedisConnections } from './redis-connections.ts';
import { CLAIM, runScript, slotKeys } from './slot-scripts.ts';

export interface HeldSlot {
  userId: string;
  /** Decided, one way or the other: only what is settled is written again under a new lease. */
  isSettled: boolean;
  /** When Redis gave it, by its clock: being written again makes it no younger. */
  since: number | undefined;
}

export type AtLimit = 'reject' | 'replace' | 'force';
export type Said = readonly [outcome: string, detail: string | number, since?: number];

/** The slots that this node holds, and holds on to in Redis, whatever happens to that. */
export interface Holdings {
  readonly held: Map<string, HeldSlot>;
  /** Redis was away when it was asked last. */
  readonly isAway: boolean;
  /**
   * Has Redis decide on a slot that is held here.
   *
   * @param isPatient wait while nodes write again what Redis has forgotten
   */
  run(slotId: string, userId: string, atLimit: AtLimit, isPatient?: boolean): Promise<Said>;
  /** Takes a slot out of Redis. */
  remove(slotId: string, userId: string): Promise<unknown>;
  /** The slot is another's by now. */
  lose(slotId: string): void;
  /** From now on Redis may hold something else than this node. */
  fail(error: unknown): void;
  /** Looks at once whether the lease lives; there is a living one afterwards where Redis is not away. */
  renew(): Promise<void>;
  trouble(): Error | undefined;
  /** Gives all slots back. */
  close(): Promise<void>;
}

const RENEW_MS = 2_000;
/** Until then every node that reaches Redis has found out that it has forgotten something. */
const SETTLE_MS = RENEW_MS + 500;
/** The hash of a user who never comes back goes by itself; others are written again long before. */
const KEEP_MS = 24 * 3_600_000;
const REWRITE_MS = KEEP_MS / 4;
const BATCH = 200;

export interface HoldingsOptions {
  /** Read at each decision, since they may change. */
  rules: { readonly connectionsPerUser: number };
  /** Begin also without a lease: it is taken when Redis is there. */
  mayBeAway: boolean;
  /** Told of each slot that is another's by now. */
  onLost(slotId: string): void;
}

/** Under one lease for the node. @throws what Redis says, when it does not take the lease */
export async function openHoldings(
  { commands, onAway, onBack }: RedisConnections,
  prefix: string,
  nodeId: string,
  { rules, mayBeAway, onLost }: HoldingsOptions,
): Promise<Holdings> {
  const keys = slotKeys(prefix);
  const lease = createLease(commands, keys, nodeId);
  const held = new Map<string, HeldSlot>();
  /** What went wrong since when Redis may hold something else than `held`. */
  let failure: Error | undefined;
  let isAway = false;
  let tickedAt = performance.now();
  /** So long that others had every right to its slots; until it has written again what it has left. */
  let stoodStill = false;
  let writtenAt = performance.now();
  let looking: Promise<void> | undefined;
  let writing: Promise<void> | undefined;
  let isClosed = false;

  async function run(slotId: string, userId: string, atLimit: AtLimit, isPatient = false): Promise<Said> {
    const under = lease.name;
    const slot = held.get(slotId);
    const names = [keys.leases, keys.slotsOf(userId), keys.settling, keys.lost];
    const patience = isPatient ? 'patient' : '';
    const args = [under, slotId, rules.connectionsPerUser, atLimit, KEEP_MS, slot?.since ?? '', patience];
    const said = (await runScript(commands, CLAIM, names, args)) as Said;
    if (slot !== undefined) {
      slot.since = said[2] ?? slot.since;
      // In this same step: whoever begins a new lease in the next one has to write it again.
      slot.isSettled ||= said[0] === 'taken';
    }
    // Taken under a lease that has been replaced since, and whoever wrote again what is held may not have known of it.
    if (said[0] === 'taken' && under !== lease.name) await run(slotId, userId, 'force');
    return said;
  }

  const remove = (slotId: string, userId: string) => commands.hdel(keys.slotsOf(userId), slotId);

  function lose(slotId: string): void {
    if (held.delete(slotId)) onLost(slotId);
  }

  function fail(error: unknown): void {
    failure = error as Error;
  }

  async function writeHeld(atLimit: 'force' | 'reject'): Promise<void> {
    writtenAt = performance.now();
    // Who is still asking will be told by the new lease's own count.
    const settled = [...held].filter(([, { isSettled }]) => isSettled);
    for (let at = 0; at < settled.length; at += BATCH) {
      await Promise.all(
        settled.slice(at, at + BATCH).map(async ([slotId, { userId }]) => {
          if (!held.has(slotId)) return;
          const [outcome] = await run(slotId, userId, atLimit);
          if (outcome === 'lapsed') throw new Error('the lease is gone');
          if (outcome === 'full') lose(slotId);
          // Released meanwhile, and written after that.
          else if (!held.has(slotId)) await remove(slotId, userId);
        }),
      );
    }
  }

  /**
   * Writes what is held under the lease of now; what former ones may still stand for counts no more. Whoever was let in while
   * Redis was away stays. Only a node that stood still gives way to those who came meanwhile.
   */
  async function writeAgain(): Promise<void> {
    const known = failure;
    const givesWay = stoodStill;
    try {
      await writeHeld(givesWay ? 'reject' : 'force');
      // Only now: while they live, what is not written again yet is taken all the same.
      await lease.endFormer();
      // What failed meanwhile is for the next look.
      if (failure === known) failure = undefined;
      if (givesWay) stoodStill = false;
    } catch (error) {
      fail(error);
    }
  }

  async function look(): Promise<void> {
    const hadStoodStill = stoodStill;
    try {
      const { lives, lost } = await lease.renew();
      for (const slotId of lost) lose(slotId);
      isAway = false;
      // Writing may take longer than a lease lives: renewing goes on meanwhile.
      if (writing !== undefined) return;
      if (!lives || failure !== undefined) await lease.begin(lives || stoodStill ? 0 : SETTLE_MS);
      else {
        if (hadStoodStill) stoodStill = false;
        if (performance.now() - writtenAt < REWRITE_MS) return;
      }
      writing = writeAgain().finally(() => {
        writing = undefined;
      });
    } catch (error) {
      isAway = true;
      fail(error);
    }
  }

  function renew(): Promise<void> {
    const now = performance.now();
    if (now - tickedAt > LEASE_MS) stoodStill = true;
    tickedAt = now;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  onAway(() => fail(new Error('the connection was lost')));
  onBack(() => void renew());
  await lease.begin(0).catch((error: unknown) => {
    if (!mayBeAway) throw error;
    isAway = true;
    fail(error);
  });
  const timer = setInterval(() => void renew(), RENEW_MS);
  timer.unref();

  return {
    held,
    get isAway() {
      return isAway || commands.status !== 'ready';
    },
    ...{ run, remove, lose, fail, renew },
    trouble: () => failure,
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      await lease.end().catch(() => {});
    },
  };
}
