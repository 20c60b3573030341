import type { Bus, SlotStore } from '../contract/cluster.ts';
import { RtError } from '../contract/errors.ts';
import type { RedisConnections } from './redis-connections.ts';
import { BEGIN_LEASE, CLAIM, RENEW } from './slot-scripts.ts';

/** Read at each decision, since they may change. */
export interface SlotRules {
  connectionsPerUser: number;
  onExceeded: 'reject' | 'replace-oldest';
  whenStoreDown: 'local' | 'refuse';
}

export interface RedisSlotStore extends SlotStore {
  trouble(): string | undefined;
  /** Gives all slots back. */
  close(): Promise<void>;
}

interface HeldSlot {
  userId: string;
  /** Decided, one way or the other: only what is settled is written again under a new lease. */
  isSettled: boolean;
  /** When Redis gave it, by its clock: being written again makes it no younger. */
  since: number | undefined;
}

type AtLimit = 'reject' | 'replace' | 'force';

const LEASE_MS = 10_000;
const RENEW_MS = 2_000;
/** The hash of a user who never comes back goes by itself; others are written again long before. */
const KEEP_MS = 24 * 3_600_000;
const REWRITE_MS = KEEP_MS / 4;
const BATCH = 200;

/**
 * Slots in Redis, under one lease for the node.
 *
 * @param options.mayBeAway begin also without a lease: it is taken when Redis is there
 * @throws what Redis says, when it does not take the lease
 */
export async function createSlotStore(
  { commands, onAway, onBack }: RedisConnections,
  bus: Bus,
  prefix: string,
  nodeId: string,
  { rules, mayBeAway }: { rules: SlotRules; mayBeAway: boolean },
): Promise<RedisSlotStore> {
  // Braces: all keys of a prefix belong together, wherever Redis keeps them.
  const leases = `{${prefix}}:leases`;
  const slotsOf = (userId: string) => `{${prefix}}:slots:${userId}`;
  const held = new Map<string, HeldSlot>();
  let onLost: (slotId: string) => void = () => {};
  let leaseCount = 0;
  let lease = '';
  /** What went wrong since when Redis may hold something else than `held`. */
  let failure: Error | undefined;
  let isAway = false;
  let lookedAt = performance.now();
  let writtenAt = performance.now();
  let renewing: Promise<void> | undefined;
  let isClosed = false;

  async function run(
    slotId: string,
    userId: string,
    atLimit: AtLimit,
  ): Promise<readonly [string, string | number, number?]> {
    const under = lease;
    const slot = held.get(slotId);
    const args = [under, slotId, rules.connectionsPerUser, atLimit, KEEP_MS, slot?.since ?? ''];
    const said = (await commands.eval(CLAIM, 2, leases, slotsOf(userId), ...args)) as [
      string,
      string | number,
      number?,
    ];
    if (slot !== undefined) slot.since = said[2] ?? slot.since;
    // Taken under a lease that has been replaced since, and whoever wrote again what is held may not have known of it.
    if (said[0] === 'taken' && under !== lease) await run(slotId, userId, 'force');
    return said;
  }

  function fail(error: unknown): void {
    failure = error as Error;
  }

  function lose(slotId: string): void {
    if (held.delete(slotId)) onLost(slotId);
  }

  /**
   * A lease of its own for what is held now: what the old one may still stand for counts no more.
   *
   * @param atLimit `force` keeps whoever was let in while Redis was away; `reject` gives way to those who came while this
   * node stood still, and who had every right to
   */
  async function takeNewLease(atLimit: 'force' | 'reject'): Promise<void> {
    const before = lease;
    const next = `${nodeId}.${++leaseCount}`;
    await commands.eval(BEGIN_LEASE, 1, leases, next, LEASE_MS);
    lease = next;
    await writeHeld(atLimit);
    // Only now: while it lives, what is not written again yet is taken all the same.
    await commands.zrem(leases, before);
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
          if (outcome === 'full') lose(slotId);
          // Released meanwhile, and written after that.
          else if (!held.has(slotId)) await commands.hdel(slotsOf(userId), slotId);
        }),
      );
    }
  }

  async function look(): Promise<void> {
    const stoodStill = performance.now() - lookedAt > LEASE_MS;
    lookedAt = performance.now();
    const known = failure;
    try {
      const lives = (await commands.eval(RENEW, 1, leases, lease, LEASE_MS)) === 1;
      if (!lives || known !== undefined) await takeNewLease(stoodStill ? 'reject' : 'force');
      else if (performance.now() - writtenAt > REWRITE_MS) await writeHeld('force');
      isAway = false;
      // What failed meanwhile is for the next look.
      if (failure === known) failure = undefined;
    } catch (error) {
      isAway = true;
      fail(error);
      // Not looked yet: whoever came meanwhile still has every right to be there.
      if (stoodStill) lookedAt = Number.NEGATIVE_INFINITY;
    }
  }

  function renew(): Promise<void> {
    renewing ??= look().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function decide(slotId: string, userId: string): Promise<void> {
    const atLimit = rules.onExceeded === 'reject' ? 'reject' : 'replace';
    let [outcome, detail] = await run(slotId, userId, atLimit);
    if (outcome === 'lapsed') {
      await renew();
      [outcome, detail] = await run(slotId, userId, atLimit);
    }
    if (outcome === 'lapsed') throw new Error('the lease is gone');
    if (outcome === 'full') {
      held.delete(slotId);
      throw new RtError('MAX_CONNECTIONS_EXCEEDED', { limit: rules.connectionsPerUser, current: Number(detail) });
    }
    if (!held.has(slotId)) commands.hdel(slotsOf(userId), slotId).catch(fail);
    const lost = String(detail);
    if (lost === '') return;
    if (held.has(lost)) lose(lost);
    else void bus.ask('slot-lost', lost);
  }

  bus.answer('slot-lost', (slotId: string) => lose(slotId));
  onAway(() => {
    failure ??= new Error('the connection was lost');
  });
  onBack(() => void renew());
  await takeNewLease('force').catch((error: unknown) => {
    if (!mayBeAway) throw error;
    isAway = true;
    fail(error);
  });
  const timer = setInterval(() => void renew(), RENEW_MS);
  timer.unref();

  return {
    async claim(slotId, userId) {
      const slot: HeldSlot = { userId, isSettled: false, since: undefined };
      held.set(slotId, slot);
      try {
        // Nobody waits for a Redis that is known to be away.
        if (isAway || commands.status !== 'ready') throw new Error('Redis is away');
        await decide(slotId, userId);
        slot.isSettled = true;
      } catch (error) {
        if (error instanceof RtError) throw error;
        fail(error);
        slot.isSettled = true;
        if (rules.whenStoreDown === 'local') return;
        held.delete(slotId);
        throw new RtError('STORE_UNAVAILABLE', {}, { cause: error });
      }
    },
    release(slotId) {
      const slot = held.get(slotId);
      if (slot === undefined) return;
      held.delete(slotId);
      commands.hdel(slotsOf(slot.userId), slotId).catch(fail);
    },
    onLost(listener) {
      onLost = listener;
    },
    trouble: () => (failure === undefined ? undefined : `Redis: ${failure.message}`),
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      await commands.zrem(leases, lease).catch(() => {});
    },
  };
}
