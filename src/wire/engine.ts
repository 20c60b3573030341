import { performance } from 'node:perf_hooks';
import { formatDuration } from '../contract/units.ts';
import { DEFAULT_TIMEOUT_MS, Deferred } from './deferred.ts';
import { WireError } from './errors.ts';
import { Latch } from './latch.ts';
import { type OpenPacket, readOpenPacket } from './open-packet.ts';
import { PollingTransport } from './polling-transport.ts';
import type { EnginePacket, Transport, TransportName, TransportOwner, WireClosing } from './transport.ts';
import { abandoned, upgradeToWebSocket } from './upgrade.ts';
import { WebSocketTransport } from './websocket-transport.ts';
import { type PongMode, resolveEndpoint, type WireOptions } from './wire-options.ts';

/** What has come in so far: numbers only, so that it costs next to nothing on ten thousand sockets. */
export interface WireCounts {
  packets: number;
  bytes: number;
  /** Heartbeats of the transport, answered or not. */
  pings: number;
  events: number;
  /** Acknowledgements that nobody waited for: second ones, and late ones. */
  strayAcks: number;
  /** Packets that could not be read. */
  invalid: number;
}

/** The lower half of a wire, Engine.IO: opening, heartbeats, raw sending, and the ways to end. */
export abstract class Engine implements TransportOwner {
  /** How the transport's heartbeats are answered; may be changed at any time. */
  pong: PongMode;
  /** Sees each packet of the transport as it came, before anything is made of it. */
  tap: ((packet: EnginePacket) => void) | undefined;
  readonly counts: WireCounts = { packets: 0, bytes: 0, pings: 0, events: 0, strayAcks: 0, invalid: 0 };
  /** What the server said first. */
  open!: OpenPacket;
  protected readonly options: WireOptions;
  readonly #url: string;
  #transport: Transport;
  #opening: Deferred<void> | undefined;
  readonly #end = new Latch<WireClosing>();
  #trouble: WireError | undefined;
  #isLeaving = false;
  /** Of the upgrades under way: the end of the connection, by whomever, is theirs, too. */
  #upgrading: AbortController | undefined;

  constructor(url: string, options: WireOptions) {
    this.#url = url;
    this.options = options;
    this.pong = options.pong ?? 'auto';
    const { transport = 'websocket', timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const endpoint = resolveEndpoint(url, options, transport);
    const Carrier = transport === 'websocket' ? WebSocketTransport : PollingTransport;
    this.#transport = new Carrier(endpoint, options, this);
    this.#opening = new Deferred(timeoutMs, () => {
      this.#transport.drop(true);
      const what = `the ${transport} handshake within ${formatDuration(timeoutMs)}`;
      return new WireError('timeout', `${endpoint.origin} did not answer ${what}`);
    });
  }

  protected abstract onMessage(message: string | Uint8Array): void;
  protected abstract onEnd(error: WireError): void;

  get transport(): TransportName {
    return this.#transport.name;
  }

  /** Resolves with the open packet of the server. */
  async opened(): Promise<void> {
    await this.#opening?.promise;
  }

  /** Bytes that were sent and that the kernel has not taken yet. */
  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** Sends text as one transport message, whatever it says: `42["x"]`, or garbage. */
  sendText(text: string): void {
    this.#transport.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.#transport.send(bytes);
  }

  /** Writes bytes below the WebSocket framing. Over polling there is no such layer. */
  writeBytes(bytes: Uint8Array): void {
    if (!(this.#transport instanceof WebSocketTransport)) throw new TypeError('writeBytes needs a WebSocket');
    this.#transport.writeBytes(bytes);
  }

  /** Resolves when the kernel (over polling: the server) has taken all that was sent. */
  flushed(): Promise<void> {
    return this.#transport.flushed();
  }

  /** Stops reading. The end of the connection, too, shows only after `resume`. */
  pause(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
  }

  /** Moves from polling to a WebSocket, as clients do. Rejects where the connection ends meanwhile. */
  async upgrade(): Promise<void> {
    if (!(this.#transport instanceof PollingTransport)) return;
    if (this.closing !== undefined || this.#isLeaving) throw abandoned();
    const endpoint = resolveEndpoint(this.#url, this.options, 'websocket', this.open.sid);
    this.#upgrading ??= new AbortController();
    const { signal } = this.#upgrading;
    this.#transport = await upgradeToWebSocket(endpoint, this.options, this.#transport, this, signal);
    if (!signal.aborted) return;
    this.#transport.drop(true);
    throw abandoned();
  }

  /** Ends properly; resolves when the connection is closed. Safe twice. */
  async close(): Promise<void> {
    if (this.closing === undefined && !this.#isLeaving) {
      this.#isLeaving = true;
      this.#upgrading?.abort();
      this.#transport.close();
    }
    await this.closed;
  }

  /** Ends without a word: a TCP reset, or an end of the stream where `reset` is false. Also cuts a `close` short. */
  drop({ reset = true }: { reset?: boolean } = {}): void {
    if (this.closing !== undefined) return;
    this.#isLeaving = true;
    this.#upgrading?.abort();
    this.#transport.drop(reset);
  }

  /** How the connection ended, once it did. */
  get closing(): WireClosing | undefined {
    return this.#end.value;
  }

  /** The end of the connection, by whomever, waited for without a deadline. */
  get closed(): Promise<WireClosing> {
    return this.untilClosed({ timeoutMs: Number.POSITIVE_INFINITY });
  }

  /** As `closed`, with a deadline. */
  untilClosed({ timeoutMs = DEFAULT_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<WireClosing> {
    return this.#end.until(timeoutMs, () => {
      const what = `Waited ${formatDuration(timeoutMs)} for the connection to end, and it is still open`;
      return new WireError('timeout', `${what}; seen: ${this.seen()}`);
    });
  }

  /** What came in, in words. */
  seen(): string {
    return `${this.counts.packets} packets`;
  }

  onUp(): void {}

  onPacket(packet: EnginePacket, bytes: number): void {
    this.counts.packets += 1;
    this.counts.bytes += bytes;
    this.tap?.(packet);
    if (packet.type === 'message') this.onMessage(packet.data ?? '');
    else if (packet.type === 'ping') this.#onPing();
    else if (packet.type === 'open') this.#onOpenPacket(packet.data);
    else if (packet.type === 'error') this.#onUnreadable();
  }

  onFail(error: WireError): void {
    this.#trouble ??= error;
    this.#opening?.reject(error);
  }

  onDown(code: number, reason: string): void {
    if (this.closing !== undefined) return;
    this.#upgrading?.abort();
    const by = this.#isLeaving ? 'client' : 'server';
    const message = `The connection was closed by the ${by} (${code}${reason && ` ${reason}`})`;
    const error = new WireError('closed', message, this.#trouble && { cause: this.#trouble });
    this.#opening?.reject(new WireError('protocol', `${error.message} before its open packet came`));
    this.onEnd(error);
    this.#end.set({ code, reason: reason || (this.#trouble?.message ?? ''), by, at: performance.now() });
  }

  #onPing(): void {
    this.counts.pings += 1;
    if (this.pong === 'auto') this.sendText('3');
    else if (this.pong !== 'never') setTimeout(() => this.sendText('3'), this.pong.delayMs).unref();
  }

  #onOpenPacket(data: unknown): void {
    const open = readOpenPacket(data);
    if (open === undefined) {
      this.#onUnreadable();
      return;
    }
    this.open = open;
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  #onUnreadable(): void {
    this.counts.invalid += 1;
    if (this.#opening === undefined) return;
    this.#opening.reject(new WireError('protocol', 'The server accepted the connection but does not speak Engine.IO'));
    this.#transport.drop(true);
  }
}
