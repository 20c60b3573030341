import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { decodePacket } from 'engine.io-parser';
import { type RawData, WebSocket } from 'ws';
import { httpError, toWireError } from './errors.ts';
import { readText } from './http-request.ts';
import { CLOSE_TIMEOUT_MS, type Transport, type TransportOwner } from './transport.ts';
import type { WireOptions } from './wire-options.ts';

const SHARED = { perMessageDeflate: false, closeTimeout: CLOSE_TIMEOUT_MS } as const;

/**
 * Engine.IO over one WebSocket. The listeners are functions of this module that find their owner on `this`: ten
 * thousand sockets share them, where closures would cost each socket a kilobyte.
 */
export class WebSocketTransport implements Transport {
  readonly name = 'websocket';
  readonly #socket: OwnedWebSocket;

  constructor(url: URL, options: WireOptions, owner: TransportOwner) {
    const { headers = {}, origin, tls, localAddress } = options;
    this.#socket = new OwnedWebSocket(url, {
      ...SHARED,
      ...tls,
      headers,
      origin,
      localAddress,
      autoPong: options.pong === undefined || options.pong === 'auto',
    });
    this.#socket.owner = owner;
    this.#socket
      .on('upgrade', onUpgrade)
      .on('open', onOpen)
      .on('unexpected-response', onAnswer)
      .on('message', onMessage)
      .on('error', onError)
      .on('close', onClose);
  }

  /** Hands the running WebSocket to somebody else. */
  set owner(owner: TransportOwner) {
    this.#socket.owner = owner;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(packet: string | Uint8Array): void {
    this.#socket.send(packet);
  }

  /** Writes below the WebSocket framing: broken frames, fragments, bytes that are no text. */
  writeBytes(bytes: Uint8Array): void {
    this.#socket.tcp?.write(bytes);
  }

  flushed(): Promise<void> {
    // An empty write is called back in its turn, after everything before it.
    return new Promise((resolve) => {
      if (this.#socket.tcp?.writable) this.#socket.tcp.write('', () => resolve());
      else resolve();
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.resume();
    this.#socket.close();
  }

  drop(reset: boolean): void {
    const { tcp, readyState } = this.#socket;
    // A socket that is shutting down cannot be reset: it would fail and never be closed.
    const mayReset = tcp !== undefined && !('encrypted' in tcp) && readyState === WebSocket.OPEN;
    if (reset && mayReset) tcp.resetAndDestroy();
    else this.#socket.terminate();
  }
}

class OwnedWebSocket extends WebSocket {
  owner!: TransportOwner;
  tcp: Socket | undefined;
}

function onUpgrade(this: WebSocket, answer: IncomingMessage): void {
  (this as OwnedWebSocket).tcp = answer.socket;
}

function onOpen(this: WebSocket): void {
  (this as OwnedWebSocket).owner.onUp();
}

function onAnswer(this: WebSocket, _request: unknown, answer: IncomingMessage): void {
  const { owner } = this as OwnedWebSocket;
  readText(answer).then((body) => {
    owner.onFail(httpError(new URL(this.url), { status: answer.statusCode ?? 0, headers: answer.headers, body }));
    this.terminate();
  });
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const buffer = data as Buffer;
  (this as OwnedWebSocket).owner.onPacket(decodePacket(isBinary ? buffer : buffer.toString()), buffer.length);
}

function onError(this: WebSocket, error: Error): void {
  (this as OwnedWebSocket).owner.onFail(toWireError(new URL(this.url), error));
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as OwnedWebSocket).owner.onDown(code, reason.toString());
}
