import type { IncomingMessage } from 'node:http';
import { correlationIdOf } from '../contract/correlation-id.ts';
import type { RtServer, RtSocket } from './connection.ts';
import { endTransport } from './end-transport.ts';
import { createFloodGuard, type FloodGuard, type FloodState } from './flood.ts';
import type { TurnedAway } from './turned-away.ts';

type Transport = RtSocket['conn'];

interface Packet {
  type: string;
  data?: unknown;
}

/** CONNECT to a namespace other than `/`, each of them answered: of one transport, with a burst of twice that. */
const CONNECTS_PER_SECOND = 10;
/** Whatever is no event: acknowledgements, Engine.IO's own packets. Sound clients answer a lot at once, but not for long. */
const OTHERS_PER_SECOND = 1_000;

/**
 * Ends transports that flood with what is no event, which `limits.eventsPerSecond` does not count. Call it once Socket.IO is
 * attached.
 *
 * @param closeConnections ends the connections on a transport, and it with them; returns how many there were
 * @param onRefused told of a transport without any, and why, before it is ended
 */
export function guardPackets(
  io: RtServer,
  closeConnections: (transport: Transport) => number,
  onRefused: (client: TurnedAway, reason: string) => void,
): void {
  const connects = createFloodGuard(() => CONNECTS_PER_SECOND);
  const others = createFloodGuard(() => OTHERS_PER_SECOND);
  const connectsOf = new WeakMap<Transport, FloodState>();
  const othersOf = new WeakMap<Transport, FloodState>();

  /** Shared by all transports, which are its `this`. */
  function onPacket(this: Transport, { type, data }: Packet): void {
    if (type === 'message' && isEvent(data)) return;
    if (type === 'message' && typeof data === 'string' && data.startsWith('0/')) {
      if (connects.admit(stateOf(this, connectsOf, connects)) !== 'pass') end(this, 'too many CONNECTs');
    } else if (others.admit(stateOf(this, othersOf, others)) === 'close') {
      end(this, 'too many packets that are no events');
    }
  }

  function end(transport: Transport, reason: string): void {
    if (transport.readyState !== 'open' || closeConnections(transport) > 0) return;
    const { request } = transport as unknown as { request: IncomingMessage };
    const { headers } = request;
    onRefused({ origin: headers.origin, correlationId: correlationIdOf(headers), request }, reason);
    endTransport(transport);
  }

  io.engine.on('connection', (transport: Transport) => void transport.on('packet', onPacket));
}

function stateOf(transport: Transport, states: WeakMap<Transport, FloodState>, guard: FloodGuard): FloodState {
  const known = states.get(transport);
  if (known !== undefined) return known;
  const state = guard.create();
  states.set(transport, state);
  return state;
}

/** By the first character of Socket.IO's encoding: EVENT and BINARY_EVENT; what is no text belongs to one of the latter. */
const isEvent = (data: unknown) => typeof data !== 'string' || data[0] === '2' || data[0] === '5';
