import type { Log } from '../contract/log-names.ts';
import type { RtServer } from './connection.ts';
import type { TcpSocket } from './direct-write.ts';
import { frameText } from './frame-text.ts';
import { createOutboxes } from './outbox.ts';

/** What engine.io and ws keep behind their public interfaces. `findMismatch` looks whether it is there. */
interface Conn {
  write(data: unknown, options?: WriteOptions | (() => void), callback?: () => void): Conn;
  listenerCount(event: string): number;
  readonly protocol: number;
  readonly readyState: string;
  readonly upgrading: boolean;
  readonly writeBuffer: readonly unknown[];
  /** What is to be called for each batch of messages once it is written. */
  readonly sentCallbackFn: unknown[];
  readonly transport: {
    readonly name: string;
    writable: boolean;
    readonly perMessageDeflate: unknown;
    /** Takes the error of a write, where there is one. */
    readonly _onSent: (error?: Error | null) => void;
    /** The same, for the last write of a batch: the next batch may follow. */
    readonly _onSentLast: (error?: Error | null) => void;
    readonly socket: {
      readonly readyState: number;
      readonly _sender: { readonly _state: number };
      readonly _socket: TcpSocket;
    };
  };
}

interface WriteOptions {
  volatile?: boolean | undefined;
  /** The WebSocket frame, which the adapter makes once for all receivers. */
  wsPreEncodedFrame?: Buffer[] | undefined;
}

/** What applications may watch on a transport, or on all of them; the short way does not raise it. */
const WATCHED_EVENTS = ['packetCreate', 'flush', 'drain'] as const;
const WEBSOCKET_OPEN = 1;

/** Says whether engine.io and ws are made as expected: what is wrong, or `undefined`. */
function findMismatch(conn: object): string | undefined {
  const { protocol, readyState, upgrading, writeBuffer, sentCallbackFn, transport } = conn as Partial<Conn>;
  if (typeof protocol !== 'number' || typeof readyState !== 'string') return 'the state of a connection';
  if (typeof upgrading !== 'boolean' || !Array.isArray(writeBuffer)) return 'the queue of a connection';
  if (!Array.isArray(sentCallbackFn)) return 'the callbacks of a connection';
  const { writable, _onSent, _onSentLast, socket } = (transport ?? {}) as Partial<Conn['transport']>;
  if (typeof writable !== 'boolean' || !('perMessageDeflate' in (transport ?? {}))) return 'the state of a transport';
  if (typeof _onSent !== 'function' || typeof _onSentLast !== 'function') return 'the callbacks of a transport';
  if (typeof socket?.readyState !== 'number') return 'the WebSocket of a transport';
  const { _sender: sender, _socket: tcp } = socket as Partial<typeof socket>;
  if (typeof sender?._state !== 'number') return 'the sender of a WebSocket';
  if (typeof tcp?.cork !== 'function' || typeof tcp.writableLength !== 'number') return 'the TCP socket of a WebSocket';
  return undefined;
}

export interface Delivery {
  /** Sends at once what waits for the end of this turn of the event loop. */
  flush(): void;
}

/**
 * The short way of a message to its client. Socket.IO hands every message, whoever chose its receivers, to `conn.write`; from
 * there engine.io takes it through a queue, two objects and six events, and ws through a stream. Here its frame goes straight to
 * the TCP socket at the end of the turn: a socket that many messages are for is written once.
 *
 * What goes the ordinary way goes through the stream of that socket, after what was gathered before it, so that nothing
 * overtakes anything. The ordinary way is taken for a client that is not on an open and idle WebSocket without
 * compression, or does not keep up, for what is binary, for what the sender wants to know when they are written, and for all
 * where engine.io and ws are not made as expected.
 */
export function shortenDelivery(io: RtServer, log: Log): Delivery {
  const outboxes = createOutboxes<Conn>({ errorTaker: ({ transport }) => transport._onSent, holdUp, onMismatch });
  const { engine } = io;
  /** Not known before the first WebSocket. */
  let isFitting: boolean | undefined;
  let writeOrdinarily: Conn['write'];

  function onMismatch(what: string): void {
    log.debug('delivery.ordinary', { reason: `not made as expected: ${what}` });
  }

  function inspect(conn: Conn): boolean {
    const mismatch = findMismatch(conn);
    if (mismatch !== undefined) onMismatch(mismatch);
    return mismatch === undefined;
  }

  function isWatched(conn: Conn): boolean {
    return WATCHED_EVENTS.some((event) => conn.listenerCount(event) > 0 || engine.listenerCount(event) > 0);
  }

  /** The TCP socket that a message may go into; `undefined` when it has to go the ordinary way. */
  function openSocketOf(conn: Conn): TcpSocket | undefined {
    const { transport } = conn;
    if (conn.readyState !== 'open' || conn.protocol !== 4 || conn.upgrading || conn.writeBuffer.length > 0)
      return undefined;
    if (!transport.writable || transport.name !== 'websocket' || transport.perMessageDeflate) return undefined;
    isFitting ??= inspect(conn);
    if (!isFitting || transport.socket.readyState !== WEBSOCKET_OPEN) return undefined;
    const { _sender: sender, _socket: tcp } = transport.socket;
    if (sender._state !== 0 || !outboxes.isOpen(tcp)) return undefined;
    return outboxes.holds(tcp) || !isWatched(conn) ? tcp : undefined;
  }

  /** Replaces `write` of each connection, which is its `this`. */
  function write(this: Conn, data: unknown, options: WriteOptions | (() => void) = {}, callback?: () => void): Conn {
    if (typeof data === 'string' && callback === undefined && typeof options === 'object') {
      const tcp = openSocketOf(this);
      if (tcp !== undefined) {
        const isForMany = options.wsPreEncodedFrame !== undefined;
        outboxes.send(this, tcp, frameOf(data, options), isForMany);
        return this;
      }
    }
    return writeOrdinarily.call(this, data, options, callback);
  }

  engine.on('connection', (conn: Conn) => {
    writeOrdinarily ??= conn.write;
    conn.write = write;
  });
  return outboxes;
}

/** What follows is queued by engine.io until this is taken, and Socket.IO drops what is volatile. */
function holdUp({ transport, readyState, sentCallbackFn }: Conn): (error?: Error | null) => void {
  // It is being held up, or goes away.
  if (!transport.writable || readyState !== 'open') return transport._onSent;
  transport.writable = false;
  sentCallbackFn.push(null);
  return transport._onSentLast;
}

/** In one piece, once for all receivers: each piece is another write. */
function frameOf(text: string, options: WriteOptions): Buffer {
  const frame = options.wsPreEncodedFrame;
  if (!Array.isArray(frame)) return frameText(text);
  const [only] = frame;
  if (frame.length === 1 && only !== undefined) return only;
  const whole = Buffer.concat(frame);
  options.wsPreEncodedFrame = [whole];
  return whole;
}
