import { performance } from 'node:perf_hooks';
import { formatDuration } from '../contract/units.ts';
import { DEFAULT_TIMEOUT_MS, ignorable } from './deferred.ts';
import { Engine } from './engine.ts';
import { WireError } from './errors.ts';
import { Inbox, type NextOptions, type ReceivedEvent } from './inbox.ts';
import { type ConnectResult, type Disconnection, Namespaces } from './namespaces.ts';
import { encodePacket, type Packet, PacketReader, PacketType } from './packets.ts';
import { PendingAcks } from './pending-acks.ts';

export interface ConnectOptions {
  auth?: object | undefined;
  /** Default `/`. */
  namespace?: string | undefined;
  timeoutMs?: number | undefined;
}

export interface AckOptions {
  timeoutMs?: number | undefined;
  namespace?: string | undefined;
}

export type EventListener = (received: ReceivedEvent, wire: Wire) => void;

const RECORD_DEFAULT = 1_000;

/**
 * A raw Socket.IO client. It does only what it is told: no reconnection, no CONNECT and no `ping` of its own, and any
 * packet one likes. It ends only by `close()`, by `drop()` or by the server.
 */
export class Wire extends Engine {
  /** The socket's id in namespace `/`, once connected. */
  socketId: string | undefined;
  readonly #reader = new PacketReader();
  readonly #namespaces = new Namespaces();
  #acks: PendingAcks | undefined;
  #inbox: Inbox | undefined;
  #listeners: Set<EventListener> | undefined;
  #ended: WireError | undefined;

  /** The events that are kept, oldest first. */
  get events(): readonly ReceivedEvent[] {
    return this.#inbox?.events ?? [];
  }

  /** A point in the stream of events, for `since`. */
  get mark(): number {
    return this.counts.events;
  }

  /** Sends CONNECT and resolves with the answer; a refusal is an answer, too. */
  connect(options: ConnectOptions = {}): Promise<ConnectResult> {
    const { auth, namespace = '/', timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    if (this.#ended !== undefined) return ignorable(Promise.reject(this.#ended));
    const late = () => this.#late(`the answer to CONNECT in ${namespace}`, timeoutMs);
    const answer = this.#namespaces.enter(namespace, timeoutMs, late);
    this.sendPacket({ type: PacketType.CONNECT, nsp: namespace, data: auth });
    return answer;
  }

  /** Leaves a namespace; the connection stays. */
  disconnect(namespace = '/'): void {
    this.sendPacket({ type: PacketType.DISCONNECT, nsp: namespace });
  }

  /** Resolves when the server has ended the namespace or the whole connection, and says which. */
  untilDisconnected({ namespace = '/', timeoutMs = DEFAULT_TIMEOUT_MS } = {}): Promise<Disconnection> {
    const late = () => this.#late(`the server to disconnect ${namespace}`, timeoutMs);
    return this.#namespaces.untilDisconnected(namespace, timeoutMs, late);
  }

  emit(event: string, ...args: unknown[]): void {
    this.sendPacket({ type: PacketType.EVENT, nsp: '/', data: [event, ...args] });
  }

  /** Emits and resolves with the first argument of the acknowledgement. */
  emitWithAck<Result = unknown>(event: string, payload?: unknown, options: AckOptions = {}): Promise<Result> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, namespace = '/' } = options;
    if (this.#ended !== undefined) return ignorable(Promise.reject(this.#ended));
    this.#acks ??= new PendingAcks();
    const { id, answer } = this.#acks.open(timeoutMs, () => this.#late(`the acknowledgement of "${event}"`, timeoutMs));
    const data = payload === undefined ? [event] : [event, payload];
    this.sendPacket({ type: PacketType.EVENT, nsp: namespace, id, data });
    return answer as Promise<Result>;
  }

  /** Sends any Socket.IO packet, also one that makes no sense now. */
  sendPacket(packet: Packet): void {
    for (const message of encodePacket(packet)) {
      if (typeof message === 'string') this.sendText(`4${message}`);
      else this.sendBinary(message);
    }
  }

  /** The next event of this name: one that came already and that no `next` was given yet, or one to come. */
  next<Payload = unknown>(event: string, options: NextOptions<Payload> = {}): Promise<ReceivedEvent<Payload>> {
    return this.#inboxNow().next(event, options, this.#ended) as Promise<ReceivedEvent<Payload>>;
  }

  /**
   * As `next`, but resolves with `undefined` at the deadline: to show that an event does not come. A connection that
   * ends meanwhile rejects: on a dead wire, silence proves nothing.
   */
  nextOrNothing<Payload = unknown>(
    event: string,
    options: NextOptions<Payload> = {},
  ): Promise<ReceivedEvent<Payload> | undefined> {
    const next = this.next(event, options).catch((error: unknown) => {
      if (error instanceof WireError && error.kind === 'timeout') return undefined;
      throw error;
    });
    return ignorable(next);
  }

  /** Calls back on each event to come; returns how to stop it. One listener may serve many wires. */
  onEvent(listener: EventListener): () => void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => this.#listeners?.delete(listener);
  }

  override seen(): string {
    return `${this.#inboxNow().seen()} (${super.seen()})`;
  }

  protected onMessage(message: string | Uint8Array): void {
    if (typeof message === 'string' && message.startsWith('2') && !this.#isWatched()) {
      this.counts.events += 1;
      return;
    }
    let packet: Packet | undefined;
    try {
      packet = this.#reader.read(message);
    } catch {
      this.counts.invalid += 1;
    }
    if (packet !== undefined) this.#onSocketPacket(packet);
  }

  protected onEnd(error: WireError): void {
    this.#ended = error;
    this.#namespaces.fail(error);
    this.#acks?.fail(error);
    this.#inbox?.fail(error);
  }

  #onSocketPacket({ type, nsp, data, id }: Packet): void {
    if (type === PacketType.EVENT) this.#onEventPacket(nsp, data, id);
    else if (type === PacketType.ACK) this.#onAck(id, data);
    else if (type === PacketType.CONNECT) this.#onConnect(nsp, data?.sid);
    else if (type === PacketType.CONNECT_ERROR) this.#namespaces.onRefused(nsp, data);
    else if (type === PacketType.DISCONNECT) this.#namespaces.onDisconnect(nsp);
  }

  #onEventPacket(namespace: string, [event, ...args]: unknown[], id: number | undefined): void {
    const received: ReceivedEvent = {
      event: String(event),
      payload: args[0],
      args,
      namespace,
      at: performance.now(),
      index: this.counts.events++,
    };
    if (id !== undefined) {
      received.reply = (...answer) => this.sendPacket({ type: PacketType.ACK, nsp: namespace, id, data: answer });
    }
    for (const listener of this.#listeners ?? []) listener(received, this);
    if (this.#recordLimit > 0 || this.#inbox?.isAwaited) this.#inboxNow().add(received);
  }

  #onAck(id: number | undefined, args: unknown[]): void {
    if (id === undefined || !this.#acks?.settle(id, args)) this.counts.strayAcks += 1;
  }

  #onConnect(namespace: string, sid: string): void {
    if (namespace === '/') this.socketId = sid;
    this.#namespaces.onConnect(namespace, sid);
  }

  get #recordLimit(): number {
    return this.options.record ?? RECORD_DEFAULT;
  }

  #isWatched(): boolean {
    return this.#recordLimit > 0 || (this.#listeners?.size ?? 0) > 0 || this.#inbox?.isAwaited === true;
  }

  #inboxNow(): Inbox {
    this.#inbox ??= new Inbox(this.#recordLimit);
    return this.#inbox;
  }

  #late(what: string, timeoutMs: number): WireError {
    return new WireError('timeout', `Waited ${formatDuration(timeoutMs)} for ${what}; seen instead: ${this.seen()}`);
  }
}
