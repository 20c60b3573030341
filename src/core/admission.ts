import { RtError } from '../contract/errors.ts';
import type { Connection } from './connection.ts';

export interface AdmissionLimits {
  connectionsPerUser: number;
  onExceeded: 'reject' | 'replace-oldest';
  /** All connections together, handshakes included; `undefined` for no limit. */
  connections: number | undefined;
}

/** A place that one handshake holds, then its connection. Given back once, however often it is released. */
export interface Slot {
  /**
   * Counts the connection for its user. Synchronous, so that of any number of simultaneous handshakes of one user exactly
   * the limit get through.
   *
   * @throws RtError `MAX_CONNECTIONS_EXCEEDED` with `limit` and `current`
   */
  claim(userId: string): void;
  /** Says which connection holds the slot now: `replace-oldest` can end it. */
  hold(connection: Connection): void;
  release(): void;
}

export interface Admission {
  /** @throws RtError `SERVER_AT_CAPACITY` */
  enter(): Slot;
  /** Handshakes and connections that hold a place. */
  readonly total: number;
  /** How many places a user holds, handshakes under way included. */
  countOf(userId: string): number;
}

/**
 * Decides who may connect, by number.
 *
 * @param replace ends a connection in favour of a newer one; it must release the connection's slot before it returns
 */
export function createAdmission(limits: AdmissionLimits, replace: (connection: Connection) => void): Admission {
  const slotsOfUser = new Map<string, Set<UserSlot>>();
  let total = 0;

  class UserSlot implements Slot {
    #userId: string | undefined;
    #released = false;
    connection: Connection | undefined;

    claim(userId: string): void {
      if (this.#released || this.#userId !== undefined) return;
      const slots = slotsOfUser.get(userId) ?? new Set<UserSlot>();
      if (slots.size >= limits.connectionsPerUser && !makeRoom(slots)) {
        throw new RtError('MAX_CONNECTIONS_EXCEEDED', { limit: limits.connectionsPerUser, current: slots.size });
      }
      this.#userId = userId;
      // Making room may have dropped the user's emptied set.
      slotsOfUser.set(userId, slots.add(this));
    }

    hold(connection: Connection): void {
      this.connection = connection;
    }

    release(): void {
      if (this.#released) return;
      this.#released = true;
      total--;
      if (this.#userId === undefined) return;
      const slots = slotsOfUser.get(this.#userId);
      slots?.delete(this);
      if (slots?.size === 0) slotsOfUser.delete(this.#userId);
    }
  }

  /** Ends the user's oldest connection where that is asked for. Handshakes under way are not replaced. */
  function makeRoom(slots: ReadonlySet<UserSlot>): boolean {
    if (limits.onExceeded !== 'replace-oldest') return false;
    for (const { connection } of slots) {
      if (connection === undefined) continue;
      replace(connection);
      return slots.size < limits.connectionsPerUser;
    }
    return false;
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
