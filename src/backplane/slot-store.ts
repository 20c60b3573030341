import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, SlotStore } from '../contract/cluster.ts';
import { RtError } from '../contract/errors.ts';
import { type HeldSlot, openHoldings, type Said } from './holdings.ts';
import type { RedisConnections } from './redis-connections.ts';

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

/**
 * Slots in Redis.
 *
 * @param options.mayBeAway begin also without a lease: it is taken when Redis is there
 * @throws what Redis says, when it does not take the lease of this node
 */
export async function createSlotStore(
  connections: RedisConnections,
  bus: Bus,
  prefix: string,
  nodeId: string,
  { rules, mayBeAway }: { rules: SlotRules; mayBeAway: boolean },
): Promise<RedisSlotStore> {
  let onLost: (slotId: string) => void = () => {};
  const options = { rules, mayBeAway, onLost: (slotId: string) => onLost(slotId) };
  const holdings = await openHoldings(connections, prefix, nodeId, options);
  const { held, run, remove, lose, fail, renew } = holdings;

  /** `undefined` where the slot was released meanwhile. */
  async function ask(slotId: string, userId: string): Promise<Said | undefined> {
    const atLimit = rules.onExceeded === 'reject' ? 'reject' : 'replace';
    let said = await run(slotId, userId, atLimit, true);
    if (said[0] === 'lapsed') {
      await renew();
      said = await run(slotId, userId, atLimit, true);
    }
    if (said[0] !== 'settling') return said;
    await sleep(Number(said[1]));
    return held.has(slotId) ? run(slotId, userId, atLimit) : undefined;
  }

  async function decide(slotId: string, userId: string): Promise<void> {
    const said = await ask(slotId, userId);
    if (said === undefined) return;
    const [outcome, detail] = said;
    if (outcome === 'lapsed') throw new Error('the lease is gone');
    if (outcome === 'full') {
      held.delete(slotId);
      throw new RtError('MAX_CONNECTIONS_EXCEEDED', { limit: rules.connectionsPerUser, current: Number(detail) });
    }
    if (!held.has(slotId)) remove(slotId, userId).catch(fail);
    const lost = String(detail);
    if (lost === '') return;
    if (held.has(lost)) lose(lost);
    // So that it knows at once: where this does not come, it learns of it when it renews its lease.
    else void bus.ask('slot-lost', lost);
  }

  bus.answer('slot-lost', (slotId: string) => lose(slotId));

  return {
    async claim(slotId, userId) {
      const slot: HeldSlot = { userId, isSettled: false, since: undefined };
      held.set(slotId, slot);
      try {
        // Nobody waits for a Redis that is known to be away.
        if (holdings.isAway) throw new Error('Redis is away');
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
      remove(slotId, slot.userId).catch(fail);
    },
    onLost(listener) {
      onLost = listener;
    },
    trouble() {
      const failure = holdings.trouble();
      return failure === undefined ? undefined : `Redis: ${failure.message}`;
    },
    close: holdings.close,
  };
}
