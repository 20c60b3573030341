import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import type { Log } from '../contract/log-names.ts';
import type { Connection, RtSocket } from './connection.ts';
import type { Reply } from './dispatch.ts';

/** A client's event that asks for an acknowledgement. */
export interface EventPacket extends Packet {
  id: number;
  data: [string, ...unknown[]];
}

/** What Socket.IO keeps behind its public interfaces. `findMismatch` looks whether it is there. */
interface Innards {
  readonly client: { readonly decoder: unknown };
  /** The middleware of `socket.use`. */
  readonly fns: readonly unknown[];
  _onpacket(packet: Packet): void;
}

/** Who handles the events that come the short way. */
export interface Receiver {
  /** Is it an event of the server's own, or of a module? */
  handles(event: string): boolean;
  receive(connection: Connection, event: string, payload: unknown, reply: Reply): void;
}

/** Calls a function with these arguments when what runs now is done, and before anything else. */
export type NextTick = <Arguments extends unknown[]>(call: (...given: Arguments) => void, ...given: Arguments) => void;

type Take = (connection: Connection, text: string) => boolean;

/** The decoder of one client, out of whose hands texts may be taken. */
class IntakeDecoder extends Decoder {
  take: Take | undefined;
  connection: Connection | undefined;

  override add(data: unknown): void {
    const { take, connection } = this;
    if (typeof data === 'string' && take !== undefined && connection !== undefined && !isCollecting(this)) {
      if (take(connection, data)) return;
    }
    super.add(data);
  }
}

/** Does it wait for the attachments of a binary packet? A text meanwhile is an error, which it has to see. */
const isCollecting = (decoder: object) => Boolean((decoder as { reconstructor?: unknown }).reconstructor);

/** For the option `parser` of Socket.IO. */
export const intakeParser = { Encoder, Decoder: IntakeDecoder, PacketType };

/**
 * The short way of a client's event to its handler, and of the acknowledgement back: from its text to the handler, and from
 * the result to a text. Socket.IO takes both through a dozen functions, half of which make a closure or a list, and a search
 * for binary data.
 *
 * The ordinary way is taken for what asks for no acknowledgement, for other namespaces, for what is binary or malformed, for
 * what only the application listens to, or listens to as well, and for all where Socket.IO is not made as expected.
 *
 * @param nextTick Node's own: `core` does not know the process
 * @returns to be called for each connection when its middleware is in place
 */
export function shortenIntake(
  { handles, receive }: Receiver,
  log: Log,
  nextTick: NextTick,
): (connection: Connection) => void {
  const encoder = new Encoder();
  /** Not known before the first connection. */
  let isFitting: boolean | undefined;

  function inspect(socket: RtSocket): boolean {
    const mismatch = findMismatch(socket);
    if (mismatch !== undefined) log.debug('intake.ordinary', { reason: `not made as expected: ${mismatch}` });
    return mismatch === undefined;
  }

  function take(connection: Connection, text: string): boolean {
    const packet = connection.isOver ? undefined : readEvent(text, handles);
    if (packet === undefined) return false;
    // As Socket.IO does it: what came before in the same turn is still on its way to its handler.
    nextTick(deliver, connection, packet);
    return true;
  }

  function deliver(connection: Connection, packet: EventPacket): void {
    const { socket } = connection;
    const [event, payload] = packet.data;
    if (handles(event) && !isHeard(socket, event)) {
      receive(connection, event, payload, (result, isOk) => acknowledge(socket, packet.id, result, isOk));
    } else {
      (socket as unknown as Innards)._onpacket(packet);
    }
  }

  function acknowledge({ conn }: RtSocket, id: number, result: object, isOk: boolean): void {
    if (conn.readyState !== 'open') return;
    if (isPlain(result)) {
      const text = JSON.stringify(result);
      conn.write(`3${id}[${isOk ? withOk(text) : text}]`);
      return;
    }
    const data = [isOk ? { ...result, ok: true } : result];
    for (const piece of encoder.encode({ type: PacketType.ACK, nsp: '/', id, data })) conn.write(piece);
  }

  return function follow(connection) {
    const { socket } = connection;
    isFitting ??= inspect(socket);
    if (!isFitting) return;
    const decoder = (socket as unknown as Innards).client.decoder as IntakeDecoder;
    decoder.take = take;
    decoder.connection = connection;
  };
}

/** Says whether Socket.IO is made as expected: what is wrong, or `undefined`. */
function findMismatch(socket: object): string | undefined {
  const { client, fns, _onpacket } = socket as Partial<Innards>;
  const { decoder } = client ?? {};
  if (!(decoder instanceof IntakeDecoder)) return 'the decoder of a client';
  const collecting = new Decoder();
  collecting.add('51-["event",{"_placeholder":true,"num":0}]');
  if (!isCollecting(collecting)) return 'the state of a decoder';
  if (!Array.isArray(fns)) return 'the middleware of a socket';
  if (typeof _onpacket !== 'function') return 'the packets of a socket';
  return undefined;
}

/** Does the application listen to it, or stand before it? */
function isHeard(socket: RtSocket, event: string): boolean {
  const { fns } = socket as unknown as Innards;
  return fns.length > 1 || socket.listenerCount(event) > 0 || socket.listenersAny().length > 0;
}

const EVENT = 0x32;
const ZERO = 0x30;
/** Of more digits, not every number is exact. */
const ID_DIGITS_MAX = 15;

/**
 * Reads an event of the namespace `/` that asks for an acknowledgement, as Socket.IO's own decoder would; `undefined` for all
 * else.
 */
export function readEvent(text: string, handles: (event: string) => boolean): EventPacket | undefined {
  if (text.charCodeAt(0) !== EVENT) return undefined;
  let at = 1;
  while (isDigit(text.charCodeAt(at))) at++;
  if (at === 1 || at > ID_DIGITS_MAX || !text.startsWith('["', at)) return undefined;
  const event = text.slice(at + 2, text.indexOf('"', at + 2));
  if (!handles(event)) return undefined;
  const data = parse(text.slice(at));
  // A name with a backslash in it is another one once it is read.
  return data?.[0] === event ? { type: PacketType.EVENT, nsp: '/', id: Number(text.slice(1, at)), data } : undefined;
}

const isDigit = (code: number) => code >= ZERO && code <= ZERO + 9;

/** Of a text that begins as a list does. */
function parse(text: string): [string, ...unknown[]] | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A copy of an object with one property more takes longer than all else that is done for an acknowledgement here. */
const withOk = (object: string) => `${object.slice(0, -1)}${object === '{}' ? '' : ','}"ok":true}`;

/** Has it nothing in it that may be binary, or be written otherwise? */
function isPlain(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || Object.getPrototypeOf(result) !== Object.prototype) return false;
  for (const key in result) {
    if (key === 'ok') return false;
    const value = (result as Record<string, unknown>)[key];
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') return false;
  }
  return true;
}
