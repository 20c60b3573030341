import type { ReceivedEvent } from '../wire/inbox.ts';

/** An event that a socket received. */
export interface Mail {
  event: string;
  payload: unknown;
  /** On the clock of `performance.now()`. */
  at: number;
  isTaken: boolean;
}

interface Waiter {
  accepts(mail: Mail): boolean;
  done(): void;
}

const KEPT_MAX = 10_000;

/**
 * Everything that came in, to look back at: an event that arrives before anybody waits for it is not missed. `mark` is where
 * looking back ends: just before the last things that were done.
 */
export class Mailbox {
  readonly kept: Mail[] = [];
  /** How many had come when the last things were set off. */
  mark = 0;
  /** How many were dropped from the front of `kept`. */
  #dropped = 0;
  readonly #waiters = new Set<Waiter>();

  get count(): number {
    return this.#dropped + this.kept.length;
  }

  add({ event, payload, at }: ReceivedEvent): void {
    const mail: Mail = { event, payload, at, isTaken: false };
    this.kept.push(mail);
    if (this.kept.length > KEPT_MAX) {
      this.kept.shift();
      this.#dropped += 1;
    }
    for (const waiter of this.#waiters) {
      if (waiter.accepts(mail)) waiter.done();
    }
  }

  /** What came since the mark and was given to nobody. */
  fresh(accepts: (mail: Mail) => boolean): Mail[] {
    return this.kept.slice(Math.max(0, this.mark - this.#dropped)).filter((mail) => !mail.isTaken && accepts(mail));
  }

  /** Takes so many, come already or soon; fewer when time is up. */
  async take(accepts: (mail: Mail) => boolean, count: number, withinMs: number): Promise<Mail[]> {
    const until = performance.now() + withinMs;
    // Whoever waits for the same may have been quicker to take what woke us.
    for (let leftMs = withinMs; leftMs > 0 && this.fresh(accepts).length < count; leftMs = until - performance.now()) {
      await this.#until(accepts, () => this.fresh(accepts).length >= count, leftMs);
    }
    const found = this.fresh(accepts).slice(0, count);
    for (const mail of found) mail.isTaken = true;
    return found;
  }

  /** The first that comes, or has come, until time is up: for what must not come. */
  async first(accepts: (mail: Mail) => boolean, withinMs: number): Promise<Mail | undefined> {
    if (this.fresh(accepts).length === 0) await this.#until(accepts, () => true, withinMs);
    return this.fresh(accepts)[0];
  }

  #until(accepts: (mail: Mail) => boolean, isEnough: () => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve();
      };
      const timer = setTimeout(end, withinMs);
      const waiter: Waiter = { accepts: (mail) => !mail.isTaken && accepts(mail), done: () => isEnough() && end() };
      this.#waiters.add(waiter);
    });
  }
}
