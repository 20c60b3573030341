import { RtError } from '../contract/errors.ts';

export interface SlotRules {
  connectionsPerUser: number;
  onExceeded: 'reject' | 'replace-oldest';
}

/** The slots of all workers. */
export interface SlotTable<Holder> {
  /**
   * @returns the slot that had to give way, and whose it was
   * @throws RtError `MAX_CONNECTIONS_EXCEEDED` with `limit` and `current`
   */
  claim(holder: Holder, slotId: string, userId: string): { slotId: string; holder: Holder } | undefined;
  release(slotId: string): void;
  /** Does it hold a slot of the user? */
  isHolder(holder: Holder, userId: string): boolean;
  /** Frees the slots of a worker that is gone. */
  releaseAll(holder: Holder): void;
}

/** Decides in one process, so that of any number of claims of one user exactly the limit are granted. */
export function createSlotTable<Holder>({ connectionsPerUser: limit, onExceeded }: SlotRules): SlotTable<Holder> {
  /** Oldest first. */
  const slotsOf = new Map<string, Map<string, Holder>>();
  const userOf = new Map<string, string>();

  function release(slotId: string): void {
    const userId = userOf.get(slotId);
    if (userId === undefined) return;
    userOf.delete(slotId);
    const slots = slotsOf.get(userId);
    slots?.delete(slotId);
    if (slots?.size === 0) slotsOf.delete(userId);
  }

  return {
    release,
    isHolder(holder, userId) {
      for (const each of slotsOf.get(userId)?.values() ?? []) if (each === holder) return true;
      return false;
    },
    claim(holder, slotId, userId) {
      const slots = slotsOf.get(userId) ?? new Map<string, Holder>();
      const [oldest] = slots.size < limit ? [] : slots;
      if (oldest !== undefined) {
        if (onExceeded === 'reject') throw new RtError('MAX_CONNECTIONS_EXCEEDED', { limit, current: slots.size });
        release(oldest[0]);
      }
      slotsOf.set(userId, slots.set(slotId, holder));
      userOf.set(slotId, userId);
      return oldest && { slotId: oldest[0], holder: oldest[1] };
    },
    releaseAll(holder) {
      for (const slots of slotsOf.values()) {
        for (const [slotId, each] of slots) if (each === holder) release(slotId);
      }
    },
  };
}
