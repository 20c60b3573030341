import { Deferred } from './deferred.ts';
import type { WireError } from './errors.ts';

/** Something that happens once, and that any number may wait for, before or after it did. */
export class Latch<Value> {
  value: Value | undefined;
  #waiting: Set<Deferred<Value>> | undefined;

  set(value: Value): void {
    if (this.value !== undefined) return;
    this.value = value;
    for (const deferred of this.#waiting ?? []) deferred.resolve(value);
    this.#waiting = undefined;
  }

  until(timeoutMs: number, late: () => WireError): Promise<Value> {
    if (this.value !== undefined) return Promise.resolve(this.value);
    const deferred = new Deferred<Value>(timeoutMs, () => {
      this.#waiting?.delete(deferred);
      return late();
    });
    this.#waiting ??= new Set();
    this.#waiting.add(deferred);
    return deferred.promise;
  }
}
