import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { decodePacket } from 'engine.io-parser';
import { addressOf } from '../contract/server-url.ts';
import { httpError, toWireError } from './errors.ts';
import { closeCodeOf, type FrameReader, type FrameWriter, Receiver, Sender } from './frames.ts';
import { HttpUpgrade } from './http-upgrade.ts';
import { CLOSE_TIMEOUT_MS, type Transport, type TransportOwner } from './transport.ts';
import type { WireOptions } from './wire-options.ts';

const LIMITS = { isServer: false, maxPayload: 100 * 1024 * 1024, maxFragments: 16 * 1024 } as const;
const NO_CLOSE_FRAME = 1006;
const done = () => {};

/** Engine.IO over one WebSocket. */
export class WebSocketTransport implements Transport {
  readonly name = 'websocket';
  readonly #url: URL;
  readonly #socket: Socket;
  readonly #doesPong: boolean;
  #owner: TransportOwner;
  /** Until the server has answered it. */
  #upgrade: HttpUpgrade | undefined;
  #reader: FrameReader | undefined;
  #writer: FrameWriter | undefined;
  /** A close frame was sent: nothing may follow it. */
  #isClosing = false;
  #closeTimer: NodeJS.Timeout | undefined;
  #closing = { code: NO_CLOSE_FRAME, reason: '' };

  constructor(url: URL, options: WireOptions, owner: TransportOwner) {
    this.#url = url;
    this.#owner = owner;
    this.#doesPong = options.pong === undefined || options.pong === 'auto';
    this.#upgrade = new HttpUpgrade(url, options);
    this.#socket = openSocket(url, options);
    this.#socket
      .setNoDelay()
      .on('data', (chunk: Buffer) => this.#onData(chunk))
      .on('end', () => this.#onEnd())
      .on('error', (error) => this.#onError(error))
      .on('close', () => this.#onClose())
      .write(this.#upgrade.request, 'latin1');
  }

  /** Hands the running WebSocket to somebody else. */
  set owner(owner: TransportOwner) {
    this.#owner = owner;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  send(packet: string | Uint8Array): void {
    if (this.#isClosing) return;
    this.#writer?.send(packet, { binary: typeof packet !== 'string', mask: true, fin: true }, done);
  }

  /** Writes below the WebSocket framing: broken frames, fragments, bytes that are no text. */
  writeBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  flushed(): Promise<void> {
    // An empty write is called back in its turn, after everything before it.
    return new Promise((resolve) => {
      if (this.#socket.writable) this.#socket.write('', () => resolve());
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
    if (this.#writer === undefined) this.#socket.destroy();
    else this.#sendClose(undefined);
  }

  drop(reset: boolean): void {
    // A socket that is shutting down cannot be reset: it would fail and never be closed.
    const mayReset = this.#writer !== undefined && !this.#isClosing && !(this.#socket instanceof tls.TLSSocket);
    if (reset && mayReset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    if (this.#upgrade === undefined) this.#reader?.write(chunk);
    else this.#onAnswer(this.#upgrade, chunk);
  }

  /** The server sends no more. */
  #onEnd(): void {
    if (this.#upgrade === undefined) return;
    const answer = this.#upgrade.end();
    const hangUp = Object.assign(new Error('the server hung up'), { code: 'ECONNRESET' });
    this.#fail(answer === undefined ? hangUp : httpError(this.#url, answer));
  }

  #onError(error: Error): void {
    // Of a connection that was up, nobody wants to know more than that it broke.
    if (this.#upgrade !== undefined) this.#fail(error);
  }

  #onClose(): void {
    clearTimeout(this.#closeTimer);
    // Of a paused one, what had come is still unread.
    const unread: Buffer | null = this.#socket.read();
    if (unread !== null) this.#reader?.write(unread);
    this.#owner.onDown(this.#closing.code, this.#closing.reason);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#owner.onPacket(decodePacket(isBinary ? data : data.toString()), data.length);
  }

  #onPing(data: Buffer): void {
    if (this.#doesPong && !this.#isClosing) this.#writer?.pong(data, true, done);
  }

  /** The server's close frame: it is answered, and then the stream ends. */
  #onConclude(code: number, reason: Buffer): void {
    this.#closing = { code, reason: reason.toString() };
    // 1005 stands for a frame without a code.
    this.#sendClose(code === 1005 ? undefined : code);
    this.#socket.end();
  }

  /** What came is no WebSocket frame, or one that is not taken. */
  #onBrokenFrame(error: Error): void {
    this.#reader = undefined;
    this.#owner.onFail(toWireError(this.#url, error));
    this.#sendClose(closeCodeOf(error));
    this.#socket.end();
  }

  #onAnswer(upgrade: HttpUpgrade, chunk: Buffer): void {
    try {
      const answer = upgrade.read(chunk);
      if (answer === undefined) return;
      if (!answer.isUpgraded) {
        this.#fail(httpError(this.#url, answer.answer));
        return;
      }
      this.#upgrade = undefined;
      this.#reader = this.#createReader();
      this.#writer = new Sender(this.#socket);
      this.#owner.onUp();
      if (answer.rest.length > 0) this.#reader.write(answer.rest);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #createReader(): FrameReader {
    return new Receiver(LIMITS)
      .on('message', (data, isBinary) => this.#onMessage(data, isBinary))
      .on('ping', (data) => this.#onPing(data))
      .on('conclude', (code, reason) => this.#onConclude(code, reason))
      .on('error', (error) => this.#onBrokenFrame(error));
  }

  #fail(error: Error): void {
    this.#upgrade = undefined;
    this.#owner.onFail(toWireError(this.#url, error));
    this.#socket.destroy();
  }

  #sendClose(code: number | undefined): void {
    // What is read after the end may hold a close frame, and there is nothing left to wait for.
    if (this.#isClosing || this.#socket.destroyed) return;
    this.#isClosing = true;
    this.#writer?.close(code, undefined, true, done);
    this.#closeTimer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
  }
}

function openSocket(url: URL, { tls: secure, localAddress }: WireOptions): Socket {
  const { host, port } = addressOf(url);
  const where = { host, port, ...(localAddress !== undefined && { localAddress }) };
  if (url.protocol !== 'wss:') return net.connect(where);
  const servername = net.isIP(host) === 0 ? host : '';
  const { rejectUnauthorized, ca, servername: asked } = secure ?? {};
  return tls.connect({
    ...where,
    servername: asked ?? servername,
    ...(ca !== undefined && { ca }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  });
}
