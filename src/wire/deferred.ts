import type { WireError } from './errors.ts';

/** How long anything on a wire is waited for, unless said otherwise. */
export const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * A wait that nobody may come back for. Waits are begun before what they wait for is set off, so one can fail while its
 * owner is still busy, or was given up: node must not end the process for that. Whoever does await it sees the error.
 */
export function ignorable<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}

/** A promise that others settle, or its deadline does. The first to come wins. */
export class Deferred<Value> {
  readonly promise: Promise<Value>;
  #resolve!: (value: Value) => void;
  #reject!: (error: WireError) => void;
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param late is asked at the deadline, so that it can say what was seen until then. */
  constructor(timeoutMs: number, late: () => WireError) {
    const promise = new Promise<Value>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise = ignorable(promise);
    if (timeoutMs !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#reject(late()), timeoutMs);
  }

  resolve(value: Value): void {
    clearTimeout(this.#timer);
    this.#resolve(value);
  }

  reject(error: WireError): void {
    clearTimeout(this.#timer);
    this.#reject(error);
  }
}
