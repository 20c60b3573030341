import { Deferred } from './deferred.ts';
import type { WireError } from './errors.ts';
import { Latch } from './latch.ts';

/** The server's answer to CONNECT. `code` is `data.code` where there is one. */
export type ConnectResult =
  | { ok: true; sid: string }
  | { ok: false; message: string; data: unknown; code: string | undefined };

/** The end of a namespace, by a DISCONNECT of the server or with the whole connection. */
export type Disconnection = 'namespace' | 'connection';

/** Which namespaces a wire is about to enter, and which it was put out of. */
export class Namespaces {
  readonly #entering = new Map<string, Deferred<ConnectResult>>();
  readonly #ends = new Map<string, Latch<Disconnection>>();
  #isOver = false;

  enter(namespace: string, timeoutMs: number, late: () => WireError): Promise<ConnectResult> {
    const deferred = new Deferred<ConnectResult>(timeoutMs, () => {
      // It may be a later CONNECT's by now.
      if (this.#entering.get(namespace) === deferred) this.#entering.delete(namespace);
      return late();
    });
    this.#entering.set(namespace, deferred);
    if (this.#ends.get(namespace)?.value !== undefined) this.#ends.delete(namespace);
    return deferred.promise;
  }

  onConnect(namespace: string, sid: string): void {
    this.#answer(namespace, { ok: true, sid });
  }

  /** @param refusal an object since protocol 5; text in older ones. */
  onRefused(namespace: string, refusal: { message: string; data?: { code?: string } } | string): void {
    const { message, data } = typeof refusal === 'string' ? { message: refusal } : refusal;
    this.#answer(namespace, { ok: false, message, data, code: data?.code });
  }

  onDisconnect(namespace: string): void {
    this.#end(namespace).set('namespace');
  }

  untilDisconnected(namespace: string, timeoutMs: number, late: () => WireError): Promise<Disconnection> {
    return this.#end(namespace).until(timeoutMs, late);
  }

  /** The connection has ended. */
  fail(error: WireError): void {
    this.#isOver = true;
    for (const deferred of this.#entering.values()) deferred.reject(error);
    for (const end of this.#ends.values()) end.set('connection');
  }

  #answer(namespace: string, result: ConnectResult): void {
    this.#entering.get(namespace)?.resolve(result);
    this.#entering.delete(namespace);
  }

  #end(namespace: string): Latch<Disconnection> {
    const known = this.#ends.get(namespace);
    if (known !== undefined) return known;
    const end = new Latch<Disconnection>();
    if (this.#isOver) end.set('connection');
    this.#ends.set(namespace, end);
    return end;
  }
}
