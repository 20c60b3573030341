import { Deferred } from './deferred.ts';
import type { WireError } from './errors.ts';

/** Acknowledgements that the server owes. */
export class PendingAcks {
  #nextId = 0;
  readonly #pending = new Map<number, Deferred<unknown>>();

  open(timeoutMs: number, late: () => WireError): { id: number; answer: Promise<unknown> } {
    const id = this.#nextId++;
    const deferred = new Deferred<unknown>(timeoutMs, () => {
      this.#pending.delete(id);
      return late();
    });
    this.#pending.set(id, deferred);
    return { id, answer: deferred.promise };
  }

  /** Answers with the first argument. `false` where nobody waits for this one: a second answer, or one that came too late. */
  settle(id: number, args: unknown[]): boolean {
    const deferred = this.#pending.get(id);
    this.#pending.delete(id);
    deferred?.resolve(args[0]);
    return deferred !== undefined;
  }

  fail(error: WireError): void {
    for (const deferred of this.#pending.values()) deferred.reject(error);
    this.#pending.clear();
  }
}
