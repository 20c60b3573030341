import type { AdminClient } from '../client/admin.ts';
import { PAGE_LIMIT_MAX } from '../contract/resources.ts';

const IDS_MAX = 50_000;

/** The sockets of a run that its server may still have. In a run of hours, those that it has no more are forgotten. */
export class SocketRoll {
  readonly #admin: AdminClient;
  readonly #ids = new Set<string>();
  #most: number;
  #isAsking = false;

  /** @param most how many ids are kept before the server is asked which of them it has no more */
  constructor(admin: AdminClient, most = IDS_MAX) {
    this.#admin = admin;
    this.#most = most;
  }

  get size(): number {
    return this.#ids.size;
  }

  add(ids: readonly string[]): void {
    for (const id of ids) this.#ids.add(id);
    if (this.#ids.size > this.#most && !this.#isAsking) void this.#forgetGone();
  }

  /** Ids of those that the server still has. Rejects where it does not list its sockets. */
  async findLeft(): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const { items, next } = await this.#admin.sockets({ limit: PAGE_LIMIT_MAX, cursor });
      found.push(...items.flatMap(({ id }) => (this.#ids.has(id) ? [id] : [])));
      cursor = next;
    } while (cursor !== undefined);
    return found;
  }

  async #forgetGone(): Promise<void> {
    this.#isAsking = true;
    // Not those that come while the server answers: it need not have them in its list yet.
    const asked = [...this.#ids];
    try {
      const left = new Set(await this.findLeft());
      for (const id of asked) if (!left.has(id)) this.#ids.delete(id);
      // So many are really open: asking again and again would find no less.
      this.#most = Math.max(this.#most, 2 * left.size);
    } catch {
      // It does not say: the oldest are the likeliest to be gone.
      for (const id of asked.slice(0, asked.length / 2)) this.#ids.delete(id);
    } finally {
      this.#isAsking = false;
    }
  }
}
