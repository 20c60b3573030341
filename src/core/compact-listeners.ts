import type { EventEmitter } from 'node:events';

/** Fast properties and no prototype: what Node's own begins as, but for the hash table. */
const Listeners = function Listeners() {} as unknown as new () => object;
Listeners.prototype = Object.create(null);

/**
 * Node keeps the listeners of an emitter in a hash table, which takes 270 bytes for three of them; here they become the
 * properties of an object, which takes 50. To be called when the emitter has most of the listeners that it will have.
 */
export function compactListeners(emitter: EventEmitter): void {
  const innards = emitter as unknown as { _events?: object };
  if (innards._events === undefined || Object.getPrototypeOf(innards._events) !== null) return;
  innards._events = Object.assign(new Listeners(), innards._events);
}
