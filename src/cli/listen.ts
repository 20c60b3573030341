import type { RealtimeClient } from '../client/realtime-client.ts';
import { RtError } from '../contract/errors.ts';
import { type Ready, SYSTEM_EVENTS } from '../contract/events.ts';
import { printable, toJsonLine } from '../contract/printable.ts';
import { isProtocolRoom, protocolIdOf } from '../contract/rooms.ts';
import { formatDuration } from '../contract/units.ts';
import { settlesWithin } from '../contract/within.ts';
import { type Credentials, describeCredentials, explainRefusal } from './admin-session.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { ServerLocation } from './locate-server.ts';
import { plural } from './output.ts';
import { aborted, createInterrupt } from './signals.ts';

export interface ListenOptions {
  rooms: readonly string[];
  /** Only these; `undefined` for all but the server's own. */
  events: readonly string[] | undefined;
  count: number | undefined;
  durationMs: number | undefined;
  json: boolean;
}

/** Connects, joins and prints events until there were enough, time is up, the server has had enough, or somebody stops it. */
export async function listen(
  context: Context,
  server: ServerLocation,
  credentials: Credentials,
  options: ListenOptions,
): Promise<ExitCode> {
  context.output.detail(describeCredentials(credentials));
  const { connect } = await import('../client/connect.ts');
  const interrupt = createInterrupt();
  const client = connect(server.url, {
    token: credentials.token,
    ...(server.path !== undefined && { path: server.path }),
  });
  try {
    return await Promise.race([
      follow(context, client, server, options),
      client.closed.then((error) => Promise.reject(error ?? new RtError('INTERNAL'))),
      aborted(interrupt.signal).then(() => EXIT.interrupted),
      aborted(context.outputClosed).then(() => EXIT.done),
    ]);
  } catch (error) {
    throw explainRefusal(error, server, credentials);
  } finally {
    client.close();
    interrupt.close();
  }
}

async function follow(
  context: Context,
  client: RealtimeClient,
  server: ServerLocation,
  options: ListenOptions,
): Promise<ExitCode> {
  const enough = printEvents(context, client, options);
  const { joined, notJoined } = joinEachTime(context, client, server, options.rooms);
  sayWhenLost(context, client);
  await client.ready;
  const done = Promise.race([enough.then(() => EXIT.done), notJoined]);
  const outcome = await Promise.race([done, joined]);
  return outcome ?? endInTime(context, client, server, options, done);
}

/** Each connection joins, since a server forgets the rooms of a socket that is gone. `joined` is about the first. */
function joinEachTime(
  { output }: Context,
  client: RealtimeClient,
  server: ServerLocation,
  rooms: readonly string[],
): { joined: Promise<void>; notJoined: Promise<never> } {
  let isJoined = false;
  let onJoined = () => {};
  const joined = new Promise<void>((resolve) => {
    onJoined = resolve;
  });
  const notJoined = new Promise<never>((_, reject) => {
    client.on('ready', async (ready) => {
      try {
        await joinRooms(client, rooms);
        output.note(describeJoined(ready, rooms, server));
        isJoined = true;
        onJoined();
      } catch (error) {
        // A connection that is lost again while it joins again: the next one joins.
        if (!(isJoined && error instanceof RtError && error.code === 'SERVER_UNREACHABLE')) reject(error);
      }
    });
  });
  return { joined, notJoined };
}

/** Of a connection that will come back; one that does not ends the command, which says why. */
function sayWhenLost({ output }: Context, client: RealtimeClient): void {
  let isAnnounced = false;
  client.onClosing(({ code, message, retry }) => {
    if (!retry) return;
    isAnnounced = true;
    output.note(printable(`The server ends the connection: ${message} (${code}). Connecting again …`));
  });
  client.socket.on('disconnect', (reason) => {
    if (client.socket.active && !isAnnounced) output.note(`The connection is lost (${reason}). Connecting again …`);
    isAnnounced = false;
  });
}

/** Waits for the events that were asked for, and no longer than `durationMs`, which counts from now. */
async function endInTime(
  { output }: Context,
  client: RealtimeClient,
  { url }: ServerLocation,
  { count, durationMs }: ListenOptions,
  done: Promise<ExitCode>,
): Promise<ExitCode> {
  if (durationMs === undefined) return done;
  if (await settlesWithin(durationMs, done)) return done;
  if (!client.isConnected) {
    throw new RtError('SERVER_UNREACHABLE', { reason: `the connection to ${url} was lost, and is not back` });
  }
  if (count === undefined) return EXIT.done;
  output.problem(`Fewer than ${plural(count, 'event')} came within ${formatDuration(durationMs)}.`);
  return EXIT.failed;
}

/** Prints what comes. Resolves when `count` is reached; without a count, never. */
function printEvents(
  { output }: Context,
  client: RealtimeClient,
  { events, count, json }: ListenOptions,
): Promise<void> {
  let seen = 0;
  return new Promise((resolve) => {
    client.onAny((event, payload, acknowledge) => {
      // Whoever asked for an acknowledgement gets one: the event has arrived.
      acknowledge?.({ ok: true });
      const isWanted = events === undefined ? !SYSTEM_EVENTS.includes(event) : events.includes(event);
      if (!isWanted || seen === count) return;
      seen++;
      const at = Date.now();
      if (json) output.json({ event, payload, at });
      else output.line(`${new Date(at).toLocaleTimeString('en-GB')}  ${printable(event)}  ${toJsonLine(payload)}`);
      if (seen === count) resolve();
    });
  });
}

async function joinRooms(client: RealtimeClient, rooms: readonly string[]): Promise<void> {
  for (const room of rooms) {
    try {
      await (isProtocolRoom(room) ? client.joinProtocol(protocolIdOf(room)) : client.join(room));
    } catch (error) {
      if (!(error instanceof RtError)) throw error;
      const reason = typeof error.detail['reason'] === 'string' ? `: ${error.detail['reason']}` : '';
      throw new RtError(error.code, { ...error.detail, reason: `${room}${reason}` }, { cause: error });
    }
  }
}

function describeJoined({ userId, socketId }: Ready, rooms: readonly string[], { url }: ServerLocation): string {
  const where = rooms.length > 0 ? rooms.join(', ') : `user:${userId}`;
  return printable(`joined ${where} as user ${userId} (socket ${socketId}) at ${url}; Ctrl-C ends`);
}
