import type { IncomingMessage } from 'node:http';
import { correlationIdOf } from '../contract/correlation-id.ts';
import type { RtServer, RtSocket } from './connection.ts';
import { endTransport } from './end-transport.ts';
import { createFloodGuard, type FloodState } from './flood.ts';
import type { TurnedAway } from './origin-guard.ts';

type Transport = RtSocket['conn'];

/** Of one transport, with a burst of twice that. Nobody has use for as many. */
const CONNECTS_PER_SECOND = 10;

/**
 * Ends transports that keep asking for namespaces other than `/`. Each such CONNECT is answered, also where there is no such
 * namespace, and none of them is an event that a limit would count. Call it once Socket.IO is attached.
 *
 * @param onFlood told of each before it is ended
 */
export function guardConnects(io: RtServer, onFlood: (client: TurnedAway) => void): void {
  const flood = createFloodGuard(CONNECTS_PER_SECOND);
  const states = new WeakMap<Transport, FloodState>();

  /** Shared by all transports, which are its `this`. */
  function onData(this: Transport, data: unknown): void {
    if (typeof data !== 'string' || !data.startsWith('0/')) return;
    const state = states.get(this) ?? flood.create();
    states.set(this, state);
    if (flood.admit(state) === 'pass' || this.readyState !== 'open') return;
    const { request } = this as unknown as { request: IncomingMessage };
    const { headers } = request;
    onFlood({ origin: headers.origin, correlationId: correlationIdOf(headers), request });
    endTransport(this);
  }

  io.engine.on('connection', (transport: Transport) => void transport.on('data', onData));
}
