/** What is under way. Of what has ended nothing is kept, so that a step may go on for hours. */
export class Outstanding {
  readonly #promises = new Set<Promise<void>>();

  /** How many there are. */
  get size(): number {
    return this.#promises.size;
  }

  /** @param promise one that never rejects */
  add(promise: Promise<void>): void {
    this.#promises.add(promise);
    void promise.then(() => this.#promises.delete(promise));
  }

  /** Resolves when all of them have ended. */
  async settle(): Promise<void> {
    await Promise.all(this.#promises);
  }
}
