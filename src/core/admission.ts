import { randomBytes } from 'node:crypto';
import type { SlotStore } from '../contract/cluster.ts';
import { RtError } from '../contract/errors.ts';

/** Read at each decision, since they may change: who is in stays in when they are lowered. */
export interface AdmissionLimits {
  connectionsPerUser: number;
  onExceeded: 'reject' | 'replace-oldest';
  /** All connections together, handshakes included; `undefined` for no limit. */
  connections?: number | undefined;
}

/** A place that one handshake holds, then its connection. Given back once, however often it is released. */
export interface Slot<Holder> {
  /**
   * Counts the connection for its user. Synchronous, so that of any number of simultaneous handshakes of one user exactly
   * the limit get through. In a cluster this node has its say first, and the promise is for what the others say.
   *
   * @throws RtError `MAX_CONNECTIONS_EXCEEDED` with `limit` and `current`
   */
  claim(userId: string): void | Promise<void>;
  /** Says who holds the slot now: `replace-oldest` can end it. */
  hold(holder: Holder): void;
  release(): void;
  readonly isReleased: boolean;
}

export interface Admission<Holder> {
  /** @throws RtError `SERVER_AT_CAPACITY` */
  enter(): Slot<Holder>;
  /** Handshakes and connections that hold a place. */
  readonly total: number;
  /** How many places a user holds, handshakes under way included. */
  countOf(userId: string): number;
}

/**
 * Decides who may connect, by number.
 *
 * @param replace ends the holder of a slot in favour of a newer one; it must release the slot before it returns
 * @param store decides over all nodes together, where there are several
 */
export function createAdmission<Holder>(
  limits: AdmissionLimits,
  replace: (holder: Holder) => void,
  store: SlotStore | undefined,
): Admission<Holder> {
  const slotsOfUser = new Map<string, Set<UserSlot>>();
  /** Those that the store knows, by their name there. */
  const shared = new Map<string, UserSlot>();
  const nodeId = randomBytes(6).toString('base64url');
  let total = 0;
  let count = 0;

  store?.onLost((id) => {
    const slot = shared.get(id);
    if (slot?.holder !== undefined) replace(slot.holder);
    else if (slot !== undefined) slot.isLost = true;
  });

  class UserSlot implements Slot<Holder> {
    readonly #id = `${nodeId}.${++count}`;
    #userId: string | undefined;
    isReleased = false;
    /** Given to another connection before this one was through its handshake. */
    isLost = false;
    holder: Holder | undefined;

    claim(userId: string): void | Promise<void> {
      if (this.isReleased || this.#userId !== undefined) return;
      const slots = slotsOfUser.get(userId) ?? new Set<UserSlot>();
      if (slots.size >= limits.connectionsPerUser && !makeRoom(slots)) {
        throw new RtError('MAX_CONNECTIONS_EXCEEDED', { limit: limits.connectionsPerUser, current: slots.size });
      }
      this.#userId = userId;
      // Making room may have dropped the user's emptied set.
      slotsOfUser.set(userId, slots.add(this));
      if (store === undefined) return;
      shared.set(this.#id, this);
      return store.claim(this.#id, userId);
    }

    hold(holder: Holder): void {
      this.holder = holder;
      if (this.isLost) setImmediate(replace, holder);
    }

    release(): void {
      if (this.isReleased) return;
      this.isReleased = true;
      total--;
      if (this.#userId === undefined) return;
      const slots = slotsOfUser.get(this.#userId);
      slots?.delete(this);
      if (slots?.size === 0) slotsOfUser.delete(this.#userId);
      if (shared.delete(this.#id)) store?.release(this.#id);
    }
  }

  /** Ends the user's oldest connections where that is asked for. Handshakes under way are not replaced. */
  function makeRoom(slots: ReadonlySet<UserSlot>): boolean {
    if (limits.onExceeded !== 'replace-oldest') return false;
    // More than one where the limit was lowered while they were in.
    const surplus = slots.size - limits.connectionsPerUser + 1;
    const oldest = [...slots].flatMap(({ holder }) => holder ?? []).slice(0, surplus);
    if (oldest.length < surplus) return false;
    for (const holder of oldest) replace(holder);
    return slots.size < limits.connectionsPerUser;
  }

  return {
    enter() {
      if (limits.connections !== undefined && total >= limits.connections) throw new RtError('SERVER_AT_CAPACITY');
      total++;
      return new UserSlot();
    },
    get total() {
      return total;
    },
    countOf: (userId) => slotsOfUser.get(userId)?.size ?? 0,
  };
}
