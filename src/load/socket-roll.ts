import type { AdminClient } from '../client/admin.ts';
import { PAGE_LIMIT_MAX } from '../contract/resources.ts';

const IDS_MAX = 50_000;

/** What a server says of the sockets of a run. */
export interface SocketsLeft {
  /** Of those that it still has. */
  ids: string[];
  /** Why there may be more of them. */
  doubt: string | undefined;
}

/** The sockets of a run that its server may still have. In a run of hours, those that it has no more are forgotten. */
export class SocketRoll {
  readonly #admin: AdminClient;
  readonly #ids = new Set<string>();
  #most: number;
  #askAbove: number;
  #isAsking = false;
  #isWhole = true;

  /** @param most how many ids are kept before the server is asked which of them it has no more; at worst twice as many */
  constructor(admin: AdminClient, most = IDS_MAX) {
    this.#admin = admin;
    this.#most = most;
    this.#askAbove = most;
  }

  get size(): number {
    return this.#ids.size;
  }

  add(ids: readonly string[]): void {
    for (const id of ids) this.#ids.add(id);
    if (this.#ids.size > this.#askAbove && !this.#isAsking) void this.#forgetGone();
  }

  async findLeft(): Promise<SocketsLeft> {
    const { ids, doubt } = await this.#ask();
    return { ids, doubt: doubt ?? (this.#isWhole ? undefined : 'the run had more sockets than are remembered') };
  }

  async #ask(): Promise<SocketsLeft> {
    const ids: string[] = [];
    let doubt: string | undefined;
    let cursor: string | undefined;
    try {
      do {
        const { items, next, missingNodes = 0 } = await this.#admin.sockets({ limit: PAGE_LIMIT_MAX, cursor });
        ids.push(...items.flatMap(({ id }) => (this.#ids.has(id) ? [id] : [])));
        if (missingNodes !== 0) doubt = 'not every node of the cluster lists its sockets';
        cursor = next;
      } while (cursor !== undefined);
    } catch {
      doubt = 'the server does not list its sockets';
    }
    return { ids, doubt };
  }

  async #forgetGone(): Promise<void> {
    this.#isAsking = true;
    // Not those that come while the server answers: it need not have them in its list yet.
    const asked = [...this.#ids];
    const { ids, doubt } = await this.#ask();
    if (doubt === undefined) {
      const left = new Set(ids);
      for (const id of asked) if (!left.has(id)) this.#ids.delete(id);
      // So many are really open: asking again and again would find no less.
      this.#most = Math.max(this.#most, 2 * left.size);
      this.#askAbove = this.#most;
    } else {
      if (this.#ids.size >= 2 * this.#most) this.#giveUpOldest();
      this.#askAbove = this.#ids.size + this.#most / 10;
    }
    this.#isAsking = false;
  }

  /** They are the likeliest to be gone; whether they are cannot be told any more. */
  #giveUpOldest(): void {
    for (const id of [...this.#ids].slice(0, this.#ids.size / 2)) this.#ids.delete(id);
    this.#isWhole = false;
  }
}
