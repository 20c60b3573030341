import type { Socket } from 'socket.io-client';
import { DEADLINE_MS, type Deadline, within } from './until.ts';

interface Received {
  event: string;
  payload: unknown;
}

interface Inbox {
  /** Events that came and that no test has taken yet, oldest first. */
  untaken: Received[];
  arrived: Set<() => void>;
}

const inboxes = new WeakMap<Socket, Inbox>();

/**
 * Keeps every event of a socket from now on, so that one which comes before a test asks for it is not missed.
 * `connectClient` does this before it connects.
 */
export function recordEvents(socket: Socket): Inbox {
  const known = inboxes.get(socket);
  if (known !== undefined) return known;
  const inbox: Inbox = { untaken: [], arrived: new Set() };
  inboxes.set(socket, inbox);
  socket.onAny((event: string, ...args: unknown[]) => {
    inbox.untaken.push({ event, payload: args[0] });
    for (const look of inbox.arrived) look();
  });
  return inbox;
}

/**
 * Takes the next event of this name (that `match` accepts) and resolves to its payload; each event is taken once. It
 * fails when the connection ends first, or when time runs out, naming what came instead.
 */
export async function nextEvent<Payload = unknown>(
  socket: Socket,
  event: string,
  { match, withinMs = DEADLINE_MS }: Deadline & { match?: (payload: Payload) => boolean } = {},
): Promise<Payload> {
  const inbox = recordEvents(socket);
  const take = (): Received | undefined => {
    const index = inbox.untaken.findIndex(
      (received) => received.event === event && (match?.(received.payload as Payload) ?? true),
    );
    return index < 0 ? undefined : inbox.untaken.splice(index, 1)[0];
  };
  const waited = (ending: string) =>
    `no event "${event}"${match === undefined ? '' : ' that matches'} ${ending}; ${summary(inbox)}`;

  let look = () => {};
  let onDisconnect = (_reason: string) => {};
  const arrival = new Promise<Received>((resolve, reject) => {
    look = () => {
      const received = take();
      if (received !== undefined) resolve(received);
    };
    onDisconnect = (reason) => reject(new Error(waited(`before the connection ended (${reason})`)));
    look();
    inbox.arrived.add(look);
    socket.on('disconnect', onDisconnect);
    if (socket.disconnected) onDisconnect('already disconnected');
  });
  try {
    return (await within(arrival, withinMs, () => waited('in time'))).payload as Payload;
  } finally {
    inbox.arrived.delete(look);
    socket.off('disconnect', onDisconnect);
  }
}

/** Takes the payloads of all events of this name that have come so far. */
export function takeEvents<Payload = unknown>(socket: Socket, event: string): Payload[] {
  const inbox = recordEvents(socket);
  const taken = inbox.untaken.filter((received) => received.event === event);
  inbox.untaken = inbox.untaken.filter((received) => received.event !== event);
  return taken.map((received) => received.payload as Payload);
}

/**
 * Proves that an event was not sent to this socket. No sleep: a connection keeps its order, so once the server has
 * answered a `ping` sent after the trigger, whatever the trigger caused has already arrived. The trigger must have
 * happened on the server before (its result, answer or acknowledgement awaited).
 */
export async function expectNoEvent(socket: Socket, event: string): Promise<void> {
  await roundTrip(socket);
  const came = takeEvents(socket, event);
  if (came.length > 0) throw new Error(`expected no event "${event}", but got ${JSON.stringify(came)}`);
}

/** One `ping` there and back: everything that the server sent to this socket before is here now. */
export async function roundTrip(socket: Socket, { withinMs = DEADLINE_MS }: Deadline = {}): Promise<void> {
  if (socket.disconnected) throw new Error('no round trip: the socket is disconnected');
  await socket.timeout(withinMs).emitWithAck('ping');
}

/** Waits for the connection to end; resolves to Socket.IO's reason. */
export async function disconnected(socket: Socket, { withinMs = DEADLINE_MS }: Deadline = {}): Promise<string> {
  if (socket.disconnected) return 'already disconnected';
  const ended = new Promise<string>((resolve) => socket.once('disconnect', resolve));
  return within(ended, withinMs, () => 'the connection did not end');
}

function summary(inbox: Inbox): string {
  if (inbox.untaken.length === 0) return 'nothing else came';
  return `came instead: ${inbox.untaken.map(({ event, payload }) => `${event} ${JSON.stringify(payload)}`).join(', ')}`;
}
