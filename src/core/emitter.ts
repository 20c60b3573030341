import type { RecipientAck } from '../contract/ack.ts';
import type { Backplane } from '../contract/cluster.ts';
import type { EmitFailureReason, EmitResult, Target } from '../contract/emission.ts';
import { ERRORS, isRtError, RtError } from '../contract/errors.ts';
import type { EventName, EventSchemas, PayloadInput } from '../contract/events.ts';
import type { Log } from '../contract/log-names.ts';
import { checkEvent } from './check-event.ts';
import type { RtServer, RtSocket } from './connection.ts';
import type { InFlight } from './in-flight.ts';
import type { Observed } from './observe.ts';
import { sendEncodable } from './send-encodable.ts';
import { type Counters, increment } from './stats.ts';
import { countRecipients, listRecipients, resolveTarget } from './targets.ts';
import { createThrottle } from './throttle.ts';

/** Emits typed events. Nothing here throws: an event that could not be sent must not undo the work that it reports. */
export interface Emitter<Schemas extends EventSchemas = EventSchemas> {
  /**
   * Sends an event to the sockets that `target` matches, everyone without one. Synchronous: `recipients` counts the
   * sockets of this node.
   */
  emit<Name extends EventName<Schemas>>(event: Name, payload: PayloadInput<Schemas[Name]>, target?: Target): EmitResult;

  /**
   * The same, and waits for each recipient's acknowledgement. Resolves to one result a recipient, `ACK_TIMEOUT` for those
   * who did not answer in time; to an empty list when nothing was sent (the reason is logged as `event.failed`).
   *
   * @param options.timeoutMs how long to wait; `ack.timeout` without it
   */
  emitWithAck<Name extends EventName<Schemas>>(
    event: Name,
    payload: PayloadInput<Schemas[Name]>,
    target?: Target,
    options?: { timeoutMs?: number | undefined },
  ): Promise<RecipientAck[]>;
}

/** What the HTTP API needs beyond `Emitter`: the reason of a failure, and how many nodes did not answer. */
export interface DetailedEmitter extends Emitter {
  emitDetailed(
    event: string,
    payload: unknown,
    target: Target | undefined,
    options: { timeoutMs?: number | undefined },
  ): Promise<{ result: EmitResult; acks: RecipientAck[]; missing: number | null }>;
}

export interface EmitterContext {
  io: RtServer;
  log: Log;
  counters: Counters;
  /** Without events any name with any payload goes. */
  application: { readonly events: EventSchemas | undefined };
  inFlight: InFlight;
  ackTimeoutMs: number;
  observed: Observed;
  backplane: Pick<Backplane, 'bus' | 'report'> | undefined;
  isClosed(): boolean;
}

/** How much longer than its recipients another node may take. */
const NODE_GRACE_MS = 500;
/** While the others cannot be reached, every event fails on its way to them. */
const LOG_EVERY_MS = 5_000;

export function createEmitter({
  io,
  log,
  counters,
  application,
  inFlight,
  ackTimeoutMs,
  observed,
  backplane,
  isClosed,
}: EmitterContext): DetailedEmitter {
  function fail(event: unknown, { code, detail, cause }: RtError): EmitResult {
    const reason = code as EmitFailureReason;
    increment(counters.emitFailures, reason);
    const why = typeof detail['reason'] === 'string' ? detail['reason'] : undefined;
    log.warn('event.failed', {
      event: typeof event === 'string' ? event : typeof event,
      reason,
      // What a schema says may quote the payload: the caller gets it, the log only which field it is about.
      ...('field' in detail ? { field: detail['field'] } : why !== undefined && { detail: why }),
      ...(cause !== undefined && { err: cause }),
    });
    return { ok: false, reason, ...(why !== undefined && { detail: why }) };
  }

  const logNotHandedOn = createThrottle<{ event: string; why: string }>(LOG_EVERY_MS, ({ event, why }, count) => {
    if (isClosed()) return;
    log.warn('event.failed', { event, reason: 'ADAPTER_FAILED', detail: `to other nodes: ${why}`, count });
  });

  function failElsewhere(event: string, why: string): void {
    increment(counters.emitFailures, 'ADAPTER_FAILED');
    logNotHandedOn({ event, why });
  }

  const check = (event: string, payload: unknown) => checkEvent(application.events, event, payload);

  /** Hands an event to `send` as `read` gives it; the errors of both become a result too. */
  function attempt(event: string, target: Target | undefined, read: () => unknown, send: Send): EmitResult {
    try {
      if (isClosed()) throw new RtError('SERVER_NOT_RUNNING');
      const checked = read();
      const resolved = resolveTarget(io, target);
      const recipients = countRecipients(io, resolved);
      sendEncodable(checked, () => send(checked, resolved));
      counters.deliveries += recipients;
      observed.by?.emitted(event, target, recipients, checked);
      if (log.isDebug()) {
        log.debug('event.emitted', { event, targets: target ?? 'all', recipients, timestamp: Date.now() });
      }
      return { ok: true, recipients };
    } catch (error) {
      return isRtError(error) ? fail(event, error) : fail(event, new RtError('INTERNAL', {}, { cause: error }));
    }
  }

  function askHere({ event, target, timeoutMs }: Omit<Question, 'payload'>, read: () => unknown) {
    const waiting: Promise<RecipientAck>[] = [];
    const result = attempt(event, target, read, (checked, resolved) => {
      for (const id of listRecipients(io, resolved)) {
        const socket = io.sockets.sockets.get(id);
        if (socket !== undefined) waiting.push(askOne(socket, event, checked, timeoutMs));
      }
    });
    return { result, acks: inFlight.track(Promise.all(waiting)) };
  }

  async function emitDetailed(
    event: string,
    payload: unknown,
    target: Target | undefined,
    { timeoutMs = ackTimeoutMs }: { timeoutMs?: number | undefined },
  ) {
    const question = { event, target, timeoutMs };
    let checked: unknown;
    const { result, acks } = askHere(question, () => {
      checked = check(event, payload);
      return checked;
    });
    if (result.ok) counters.eventsEmitted++;
    if (!result.ok || backplane === undefined) return { result, acks: await acks, missing: 0 };
    const asked = backplane.bus.ask<RecipientAck[]>(
      'emit',
      { ...question, payload: checked } satisfies Question,
      timeoutMs + NODE_GRACE_MS,
    );
    const [own, { answers, missing }] = await inFlight.track(Promise.all([acks, asked]));
    if (missing !== 0) failElsewhere(event, `${missing ?? 'all other'} nodes did not answer`);
    const all = [...own, ...answers.flat()];
    return { result: { ...result, recipients: all.length }, acks: all, missing };
  }

  // It was checked where it comes from; its schema may have made of it what it would not take again.
  backplane?.bus.answer('emit', async (question: Question) => askHere(question, () => question.payload).acks);
  backplane?.report({
    onNotHandedOn: (event, cause) => failElsewhere(event, (cause as Error).message),
    onCame(rooms, except) {
      counters.deliveries += countRecipients(io, { rooms: rooms.length === 0 ? undefined : rooms, except });
    },
    onMissed(from, count) {
      counters.eventsMissed += count;
      log.warn('event.missed', { from, count });
    },
  });

  return {
    emit(event, payload, target) {
      const read = () => check(event, payload);
      const result = attempt(event, target, read, (checked, { rooms, except }) => {
        if (rooms?.length === 0) return;
        const chosen = rooms === undefined ? io : io.to([...rooms]);
        const operator = except.length === 0 ? chosen : chosen.except([...except]);
        (operator as UntypedOperator).emit(event, checked);
      });
      if (result.ok) counters.eventsEmitted++;
      return result;
    },

    async emitWithAck(event, payload, target, options = {}) {
      return (await emitDetailed(event, payload, target, options)).acks;
    },

    emitDetailed,
  };
}

/** Names and payloads were checked against the application's schemas, which Socket.IO's types do not know. */
interface UntypedOperator {
  emit(event: string, payload: unknown): boolean;
}

/** One emission with acknowledgements, as the nodes tell it each other. */
interface Question {
  event: string;
  payload: unknown;
  target: Target | undefined;
  timeoutMs: number;
}

type Send = (payload: unknown, target: ReturnType<typeof resolveTarget>) => void;

function askOne(socket: RtSocket, event: string, payload: unknown, timeoutMs: number): Promise<RecipientAck> {
  const who = { socketId: socket.id, userId: socket.data.userId };
  let settle: (ack: RecipientAck) => void;
  const answer = new Promise<RecipientAck>((resolve) => {
    settle = resolve;
  });
  // Outside of the promise: what cannot be encoded throws here, for the caller to see.
  socket.timeout(timeoutMs).emit(event, payload, (timedOut: Error | null, value: unknown) => {
    if (timedOut === null) settle({ ...who, ok: true, value });
    else settle({ ...who, ok: false, error: { code: 'ACK_TIMEOUT', message: ERRORS.ACK_TIMEOUT.message } });
  });
  return answer;
}
