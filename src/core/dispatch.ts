import { ackFailure, toAckFailure } from '../contract/ack.ts';
import { isRtError } from '../contract/errors.ts';
import type { Pong } from '../contract/events.ts';
import type { Log } from '../contract/log-names.ts';
import type { Connection } from './connection.ts';
import type { FloodGuard } from './flood.ts';
import type { Handler } from './handlers/context.ts';
import type { InFlight } from './in-flight.ts';
import type { Observed } from './observe.ts';
import type { Counters } from './stats.ts';

/** Handles one event, told which connection sent it. */
export type BoundHandler = (payload: unknown, connection: Connection) => ReturnType<Handler>;

export interface DispatchContext {
  application: { readonly handlers: ReadonlyMap<string, BoundHandler> };
  flood: FloodGuard;
  log: Log;
  counters: Counters;
  inFlight: InFlight;
  observed: Observed;
  /** Ends a connection that does not stop flooding. */
  closeFlooding(connection: Connection): void;
}

/** @param isOk whether it is what a handler made; else it says why not */
export type Reply = (result: object, isOk: boolean) => void;

/**
 * Takes each event of each client: the limit first, then its handler. Events that neither we nor a module handle go on to
 * the application's own listeners (`socket.on`), if there are any.
 *
 * @returns `dispatch` for `socket.use`, once its connection is known; the others for events that do not come through Socket.IO
 */
export function createDispatch(context: DispatchContext) {
  const { application, flood, log, counters, inFlight, observed, closeFlooding } = context;

  function run(handler: BoundHandler, event: string, payload: unknown, connection: Connection, reply: Reply): void {
    const succeed = (result: object) => reply(result, true);
    const fail = (error: unknown) => {
      if (isRtError(error)) {
        reply(toAckFailure(error), false);
        return;
      }
      const { correlationId, identity, socket } = connection;
      log.error('handler.failed', { correlationId, userId: identity.userId, socketId: socket.id, event, err: error });
      reply(ackFailure('INTERNAL'), false);
    };
    try {
      const result = handler(payload, connection);
      // Most are done at once, and need no promise.
      if (isPromise(result)) void inFlight.track(result.then(succeed).catch(fail));
      else succeed(result);
    } catch (error) {
      fail(error);
    }
  }

  /** Counts an event, and says whether it is within the limit. */
  function admit(connection: Connection, event: string, payload: unknown, reply: Reply | undefined): boolean {
    if (connection.isOver) return false;
    counters.eventsReceived++;
    observed.by?.received(connection, event, payload);
    const verdict = flood.admit(connection.flood);
    if (verdict === 'pass') return true;
    reply?.(ackFailure('RATE_LIMITED'), false);
    if (verdict === 'close') closeFlooding(connection);
    return false;
  }

  function dispatch(connection: Connection, packet: readonly unknown[], next: () => void): void {
    // The parser lets through names that are numbers, and forged packets without one.
    const event = typeof packet[0] === 'string' ? packet[0] : '';
    const last = packet.at(-1);
    const ack = typeof last === 'function' ? toReply(last as (result: object) => void) : undefined;
    const payload = packet.length === 2 && ack !== undefined ? undefined : packet[1];
    if (!admit(connection, event, payload, ack)) return;
    const handler = application.handlers.get(event);
    // Socket.IO itself listens to `error`, which is for its own errors and not for a client to raise.
    const heard = event !== 'error' && connection.socket.listenerCount(event) > 0;
    if (handler !== undefined) {
      const reply = ack ?? (event === 'ping' ? (pong: object) => emitPong(connection, pong) : ignore);
      run(handler, event, payload, connection, reply);
    } else if (!heard) {
      ack?.(ackFailure('EVENT_UNKNOWN'), false);
    }
    if (heard) next();
  }

  return {
    dispatch,
    handles: (event: string) => application.handlers.has(event),
    receive(connection: Connection, event: string, payload: unknown, reply: Reply): void {
      const handler = application.handlers.get(event);
      if (handler !== undefined && admit(connection, event, payload, reply))
        run(handler, event, payload, connection, reply);
    },
  };
}

/** Of whatever kind: an application's handler may answer with another library's. */
function isPromise(result: ReturnType<BoundHandler>): result is Promise<object> {
  return typeof (result as Partial<Promise<object>> | undefined)?.then === 'function';
}

/** Acknowledges through Socket.IO. */
function toReply(acknowledge: (result: object) => void): Reply {
  return (result, isOk) => acknowledge(isOk ? { ...result, ok: true } : result);
}

function ignore(): void {}

function emitPong({ socket }: Connection, { lastSeen, serverTime }: Partial<Pong>): void {
  if (lastSeen !== undefined && serverTime !== undefined) socket.emit('pong', { lastSeen, serverTime });
}
