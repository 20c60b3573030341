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
}

/** What `replace-oldest` needs to know and to do. */
export interface Holders<Holder> {
  /** So many of the user's connections, the oldest first; handshakes under way are none. */
  oldestOf(userId: string, count: number): Holder[];
  /** Ends the holder of a slot in favour of a newer one; it must release the slot before it returns. */
  replace(holder: Holder): void;
}

/**
 * Decides who may connect, by number.
 *
 * @param store decides over all nodes together, where there are several
 */
export function createAdmission<Holder>(
  limits: AdmissionLimits,
  { oldestOf, replace }: Holders<Holder>,
  store: SlotStore | undefined,
): Admission<Holder> {
  /** How many places each user holds, handshakes under way included. */
  const countOf = new Map<string, number>();
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
    /** Its name in the store, where there is one. */
    #id: string | undefined;
    #userId: string | undefined;
    isReleased = false;
    /** Given to another connection before this one was through its handshake. */
    isLost = false;
    holder: Holder | undefined;

    claim(userId: string): void | Promise<void> {
      if (this.isReleased || this.#userId !== undefined) return;
      if (isFull(userId) && !makeRoom(userId)) {
        const current = countOf.get(userId) ?? 0;
        throw new RtError('MAX_CONNECTIONS_EXCEEDED', { limit: limits.connectionsPerUser, current });
      }
      this.#userId = userId;
      countOf.set(userId, (countOf.get(userId) ?? 0) + 1);
      if (store === undefined) return;
      this.#id = `${nodeId}.${++count}`;
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
      const left = (countOf.get(this.#userId) ?? 1) - 1;
      if (left === 0) countOf.delete(this.#userId);
      else countOf.set(this.#userId, left);
      if (this.#id !== undefined && shared.delete(this.#id)) store?.release(this.#id);
    }
  }

  const isFull = (userId: string) => (countOf.get(userId) ?? 0) >= limits.connectionsPerUser;

  /** Ends the user's oldest connections where that is asked for. */
  function makeRoom(userId: string): boolean {
    if (limits.onExceeded !== 'replace-oldest') return false;
    // More than one where the limit was lowered while they were in.
    const surplus = (countOf.get(userId) ?? 0) - limits.connectionsPerUser + 1;
    const oldest = oldestOf(userId, surplus);
    if (oldest.length < surplus) return false;
    for (const holder of oldest) replace(holder);
    return !isFull(userId);
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
  };
}
