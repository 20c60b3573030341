import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import type { Refusal } from '../../src/contract/closings.ts';
import type { Ready } from '../../src/contract/events.ts';
import { nextEvent, recordEvents } from './next-event.ts';
import { DEADLINE_MS, type Deadline, within } from './until.ts';

export interface ConnectOptions extends Partial<ManagerOptions & SocketOptions>, Deadline {
  token?: string;
}

/** A stock socket.io-client socket that is through the handshake, with the payload of its `ready`. */
export type ConnectedSocket = Socket & { readonly ready: Ready };

/** What a refused client saw. `data` is empty where the transport was refused (an origin, a server that is not there). */
export interface SeenRefusal {
  message: string;
  data: Partial<Refusal>;
  error: Error;
}

/** Connects once, without reconnection, over WebSocket unless `transports` says otherwise; closed with the test. */
export async function connectClient(url: string, options: ConnectOptions = {}): Promise<ConnectedSocket> {
  const attempt = await attemptConnection(url, options);
  if ('refusal' in attempt) {
    const { message, data } = attempt.refusal;
    throw new Error(`expected a connection, but it was refused: ${message} ${JSON.stringify(data)}`);
  }
  return attempt.socket;
}

/** Connects and expects the refusal. */
export async function expectRefusal(url: string, options: ConnectOptions = {}): Promise<SeenRefusal> {
  const attempt = await attemptConnection(url, options);
  if ('socket' in attempt) throw new Error(`expected a refusal, but user ${attempt.socket.ready.userId} was let in`);
  return attempt.refusal;
}

/** Connects, whatever comes of it: for races in which some are refused. */
export async function attemptConnection(
  url: string,
  { token, withinMs = DEADLINE_MS, ...options }: ConnectOptions = {},
): Promise<{ socket: ConnectedSocket } | { refusal: SeenRefusal }> {
  const socket = io(url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    ...(token !== undefined && { auth: { token } }),
    ...options,
  });
  onTestFinished(() => {
    socket.disconnect();
  });
  recordEvents(socket);
  const outcome = new Promise<Error | undefined>((resolve) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('connect_error', resolve);
  });
  const error = await within(outcome, withinMs, () => `neither connected to ${url} nor refused`);
  if (error !== undefined) {
    const data = (error as Error & { data?: Refusal }).data ?? {};
    return { refusal: { message: error.message, data, error } };
  }
  const ready = await nextEvent<Ready>(socket, 'ready', { withinMs });
  return { socket: Object.assign(socket, { ready }) };
}
