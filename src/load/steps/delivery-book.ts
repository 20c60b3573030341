import type { ReceivedEvent } from '../../wire/inbox.ts';
import type { Member } from '../member.ts';

interface Page {
  /** How often each event came. */
  times: Uint8Array;
  highest: number;
  hasFence: boolean;
}

interface Payload {
  broadcast?: unknown;
  seq?: unknown;
  dueAt?: unknown;
}

interface Finding {
  count: number;
  example: string | undefined;
}

/** Who got what, how often and in which order: sent times receivers must be what was delivered. */
export class DeliveryBook {
  readonly id: string;
  readonly #count: number;
  readonly #pages = new Map<Member, Page>();
  readonly #withinMs: number;
  readonly #late = { count: 0, slowestMs: 0 };
  #delivered = 0;
  #fences = 0;
  #twice: Finding = { count: 0, example: undefined };
  #swapped: Finding = { count: 0, example: undefined };
  #done: (() => void) | undefined;

  /** @param withinMs what takes longer is late */
  constructor(members: readonly Member[], count: number, id: string, withinMs = Number.POSITIVE_INFINITY) {
    this.id = id;
    this.#withinMs = withinMs;
    this.#count = count;
    for (const member of members) {
      this.#pages.set(member, { times: new Uint8Array(count), highest: -1, hasFence: false });
    }
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** Writes an event down if it is one of these; returns how long it took. */
  enter({ payload, at }: ReceivedEvent, member: Member): number | undefined {
    const { broadcast, seq, dueAt } = (payload ?? {}) as Payload;
    const page = broadcast === this.id ? this.#pages.get(member) : undefined;
    if (page === undefined || typeof seq !== 'number' || typeof dueAt !== 'number') return undefined;
    if (seq === this.#count) {
      if (!page.hasFence) this.#fences += 1;
      page.hasFence = true;
      this.#look();
      return undefined;
    }
    const times = (page.times[seq] ?? 0) + 1;
    page.times[seq] = Math.min(times, 255);
    if (times > 1) {
      this.#twice.count += 1;
      this.#twice.example ??= `event ${seq + 1} came ${times} times to ${member.entrance.user}`;
      return undefined;
    }
    if (seq < page.highest) {
      this.#swapped.count += 1;
      this.#swapped.example ??= `event ${seq + 1} came after event ${page.highest + 1} to ${member.entrance.user}`;
    }
    page.highest = Math.max(page.highest, seq);
    this.#delivered += 1;
    const latencyMs = Math.max(0, at - dueAt);
    if (latencyMs > this.#withinMs) {
      this.#late.count += 1;
      this.#late.slowestMs = Math.max(this.#late.slowestMs, latencyMs);
    }
    this.#look();
    return latencyMs;
  }

  /** Resolves when everything is there, or the fence everywhere, or time is up. */
  complete(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#look();
    });
  }

  result() {
    const missing: Finding = { count: 0, example: undefined };
    for (const [member, { times }] of this.#pages) {
      for (const [seq, time] of times.entries()) {
        if (time > 0) continue;
        missing.count += 1;
        missing.example ??= `event ${seq + 1} to ${member.entrance.user}`;
      }
    }
    return {
      count: this.#count,
      delivered: this.#delivered,
      missing,
      twice: this.#twice,
      swapped: this.#swapped,
      late: this.#late,
    };
  }

  #look(): void {
    if (this.#fences === this.#pages.size) this.#done?.();
  }
}
