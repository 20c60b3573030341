import type { ReceivedEvent } from '../../wire/inbox.ts';
import type { Member } from '../member.ts';

/** What one receiver has. Only what is amiss takes memory: a soak of hours has millions of events. */
interface Page {
  /** One past the last event that came. */
  next: number;
  /** What did not come before it: from the one to before the other. */
  gaps: [from: number, to: number][];
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
      this.#pages.set(member, { next: 0, gaps: [], hasFence: false });
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
    if (seq >= page.next) {
      if (seq > page.next) page.gaps.push([page.next, seq]);
      page.next = seq + 1;
    } else if (fill(page.gaps, seq)) {
      this.#swapped.count += 1;
      this.#swapped.example ??= `event ${seq + 1} came after event ${page.next} to ${member.entrance.user}`;
    } else {
      this.#twice.count += 1;
      this.#twice.example ??= `event ${seq + 1} came 2 times to ${member.entrance.user}`;
      return undefined;
    }
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
    for (const [member, { next, gaps }] of this.#pages) {
      const all = next < this.#count ? [...gaps, [next, this.#count] as const] : gaps;
      for (const [from, to] of all) {
        missing.count += to - from;
        missing.example ??= `event ${from + 1} to ${member.entrance.user}`;
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

/** Takes one out of the gap that it is in; there is none where it had come before. */
function fill(gaps: Page['gaps'], seq: number): boolean {
  const at = gaps.findIndex(([from, to]) => from <= seq && seq < to);
  const [from, to] = gaps[at] ?? [seq, seq];
  if (at >= 0)
    gaps.splice(
      at,
      1,
      ...(
        [
          [from, seq],
          [seq + 1, to],
        ] as Page['gaps']
      ).filter(([a, b]) => a < b),
    );
  return at >= 0;
}
