import { formatDuration } from '../contract/units.ts';
import { DEFAULT_TIMEOUT_MS, Deferred, ignorable } from './deferred.ts';
import { WireError } from './errors.ts';

/** An event from the server. */
export interface ReceivedEvent<Payload = unknown> {
  event: string;
  /** The first argument. */
  payload: Payload;
  args: unknown[];
  namespace: string;
  /** On the clock of `performance.now()`. */
  at: number;
  /** Its place among all events of this wire, from 0. */
  index: number;
  /** Acknowledges; there only when the server asked for it. */
  reply?: (...args: unknown[]) => void;
}

export interface NextOptions<Payload = unknown> {
  match?: ((payload: Payload, received: ReceivedEvent<Payload>) => boolean) | undefined;
  /** Leave out what came before this `mark`. */
  since?: number | undefined;
  /** Default 5 s. */
  timeoutMs?: number | undefined;
}

interface Waiter {
  accepts(received: ReceivedEvent): boolean;
  deferred: Deferred<ReceivedEvent>;
}

/**
 * Received events, to look back at and to wait for. Each event is given to one `next` only, so that two calls in a row
 * are two events; `events` shows all that are kept, given out or not.
 */
export class Inbox {
  readonly #limit: number;
  readonly #kept: ReceivedEvent[] = [];
  readonly #waiting: ReceivedEvent[] = [];
  readonly #waiters = new Set<Waiter>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get events(): readonly ReceivedEvent[] {
    return this.#kept;
  }

  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  add(received: ReceivedEvent): void {
    keep(this.#kept, received, this.#limit);
    for (const waiter of this.#waiters) {
      if (!waiter.accepts(received)) continue;
      this.#waiters.delete(waiter);
      waiter.deferred.resolve(received);
      return;
    }
    keep(this.#waiting, received, this.#limit);
  }

  /** @param ended is why nothing more can come, if so. */
  next(event: string, options: NextOptions<never>, ended: WireError | undefined): Promise<ReceivedEvent> {
    const { match, since = 0, timeoutMs = DEFAULT_TIMEOUT_MS } = options as NextOptions;
    const accepts = (received: ReceivedEvent) =>
      received.event === event && received.index >= since && (match?.(received.payload, received) ?? true);
    const place = this.#waiting.findIndex(accepts);
    const early = this.#waiting[place];
    if (early !== undefined) {
      this.#waiting.splice(place, 1);
      return Promise.resolve(early);
    }
    if (ended !== undefined) return ignorable(Promise.reject(ended));
    const deferred = new Deferred<ReceivedEvent>(timeoutMs, () => {
      this.#waiters.delete(waiter);
      const what = `the event "${event}"${match ? ' with a matching payload' : ''}`;
      return new WireError('timeout', `Waited ${formatDuration(timeoutMs)} for ${what}; seen instead: ${this.seen()}`);
    });
    const waiter: Waiter = { accepts, deferred };
    this.#waiters.add(waiter);
    return deferred.promise;
  }

  /** Nothing more can come. */
  fail(error: WireError): void {
    for (const { deferred } of this.#waiters) deferred.reject(error);
    this.#waiters.clear();
  }

  /** `ready, pong ×3`, or `nothing`. */
  seen(): string {
    if (this.#limit === 0) return 'unknown, as events are not recorded here';
    const counts = new Map<string, number>();
    for (const { event } of this.#kept) counts.set(event, (counts.get(event) ?? 0) + 1);
    return [...counts].map(([event, count]) => (count === 1 ? event : `${event} ×${count}`)).join(', ') || 'nothing';
  }
}

function keep(list: ReceivedEvent[], received: ReceivedEvent, limit: number): void {
  if (limit === 0) return;
  list.push(received);
  if (list.length > limit) list.shift();
}
