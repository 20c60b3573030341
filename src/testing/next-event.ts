import type { Socket } from 'socket.io-client';
import type { RealtimeClient, SystemPayloads } from '../client/realtime-client.ts';
import type { EventName, EventSchemas, PayloadOutput } from '../contract/events.ts';

export interface NextEventOptions<Payload = unknown> {
  /** Default 5 s. */
  timeoutMs?: number;
  /** Passes over events whose payload it does not accept; they stay for a later call. What it throws is the rejection. */
  match?: (payload: Payload) => boolean;
}

interface Inbox {
  /** What came and nobody has taken yet, oldest first. */
  untaken: { event: string; payload: unknown }[];
  /** Those who wait for more. */
  waiting: Set<() => void>;
}

const TIMEOUT_MS = 5_000;
const inboxes = new WeakMap<Socket, Inbox>();

/** Keeps every event of a socket from now on, so that one which comes before a test asks for it is not missed. */
export function recordEvents(socket: Socket): Inbox {
  const known = inboxes.get(socket);
  if (known !== undefined) return known;
  const inbox: Inbox = { untaken: [], waiting: new Set() };
  inboxes.set(socket, inbox);
  socket.onAny((event: string, payload: unknown) => {
    inbox.untaken.push({ event, payload });
    for (const look of inbox.waiting) look();
  });
  return inbox;
}

/**
 * Takes the next event of this name and resolves to its payload; each event is taken once. Events of a client of `connectAs`
 * are kept from its connection on, those of a socket.io-client socket from the first call on. Rejects when the connection ends
 * first, is refused, or time runs out, and says what came instead.
 */
export function nextEvent<Schemas extends EventSchemas, Name extends EventName<Schemas> | keyof SystemPayloads>(
  client: RealtimeClient<Schemas>,
  event: Name,
  options?: NextEventOptions<EventPayload<Schemas, Name>>,
): Promise<EventPayload<Schemas, Name>>;
export function nextEvent<Payload = unknown>(
  socket: Socket,
  event: string,
  options?: NextEventOptions<Payload>,
): Promise<Payload>;
export function nextEvent(
  client: RealtimeClient | Socket,
  event: string,
  { timeoutMs = TIMEOUT_MS, match = () => true }: NextEventOptions<never> = {},
): Promise<unknown> {
  const socket = 'socket' in client ? client.socket : client;
  const inbox = recordEvents(socket);
  return new Promise((resolve, reject) => {
    const look = () => {
      try {
        const at = inbox.untaken.findIndex((each) => each.event === event && match(each.payload as never));
        if (at < 0) return false;
        finish();
        resolve(inbox.untaken.splice(at, 1)[0]?.payload);
      } catch (error) {
        finish();
        reject(error);
      }
      return true;
    };
    const fail = (why: string) => {
      finish();
      reject(new Error(`no event "${event}" ${why}; ${describe(inbox)}`));
    };
    const onDisconnect = (reason: string) => fail(`before the connection ended (${reason})`);
    // From a failure that is no refusal Socket.IO comes back by itself, where it may.
    const comesBack = () => socket.active && socket.io.reconnection();
    const onRefused = ({ message }: Error) => !comesBack() && fail(`as the connection was refused (${message})`);
    const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      inbox.waiting.delete(look);
      socket.off('disconnect', onDisconnect);
      socket.off('connect_error', onRefused);
    };
    if (look()) return;
    const isOpening = socket.active && /^open/.test(socket.io._readyState);
    if (socket.disconnected && !comesBack() && !isOpening) return onDisconnect('it was over already');
    inbox.waiting.add(look);
    socket.on('disconnect', onDisconnect);
    socket.on('connect_error', onRefused);
  });
}

type EventPayload<Schemas extends EventSchemas, Name> = Name extends keyof SystemPayloads
  ? SystemPayloads[Name]
  : Name extends EventName<Schemas>
    ? PayloadOutput<Schemas[Name]>
    : never;

function describe({ untaken }: Inbox): string {
  if (untaken.length === 0) return 'nothing else came';
  return `came instead: ${untaken.map(({ event, payload }) => `${event} ${JSON.stringify(payload)}`).join(', ')}`;
}
