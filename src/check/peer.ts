import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { Refusal } from '../contract/closings.ts';
import type { Ready } from '../contract/events.ts';
import { within } from '../contract/within.ts';
import { show, Unmet } from './expectations.ts';

export interface PeerOptions extends Partial<ManagerOptions & SocketOptions> {
  token?: string | undefined;
  /** What the peer acknowledges an event with; nothing is acknowledged without it. */
  answer?: unknown;
}

interface Received {
  event: string;
  payload: unknown;
}

/** What a refused client saw; `code` and the rest are `undefined` where the server sent no data. */
export interface SeenRefusal extends Partial<Refusal> {
  message: string;
}

/** Not every server says `ready`, and one that does says it at once. */
const READY_WAIT_MS = 1_000;

/** A stock socket.io-client that remembers what it received, and whose waits have a deadline. */
export class Peer {
  readonly socket: Socket;
  readonly received: Received[] = [];
  ready: Ready | undefined;
  readonly #waitMs: number;
  readonly #watchers = new Set<() => void>();
  #heartbeat: NodeJS.Timeout | undefined;
  #endWaits: (error: Error) => void = () => {};
  readonly #closed = new Promise<never>((_, reject) => {
    this.#endWaits = reject;
  });

  constructor(origin: string, { token, answer, ...options }: PeerOptions, waitMs: number) {
    this.#waitMs = waitMs;
    this.#closed.catch(() => {});
    const auth = token === undefined ? {} : { auth: { token } };
    const once = { forceNew: true, reconnection: false, autoConnect: false, timeout: waitMs } as const;
    this.socket = io(origin, { ...once, transports: ['websocket'], ...auth, ...options });
    this.socket.onAny((event: string, ...args: unknown[]) => {
      const last = args.at(-1);
      if (typeof last === 'function' && answer !== undefined) last(answer);
      this.received.push({ event, payload: args[0] });
      for (const look of this.#watchers) look();
    });
  }

  /** Connects, or connects again. Resolves to the refusal where there is one. */
  async open(): Promise<SeenRefusal | undefined> {
    const { socket } = this;
    this.ready = undefined;
    const before = this.received.length;
    const outcome = new Promise<SeenRefusal | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('connect_error', (error: Error & { data?: object }) => {
        resolve({ message: error.message, ...error.data });
      });
    });
    socket.connect();
    const refusal = await this.#within(outcome, this.#waitMs, () =>
      unmet('a connection, or a refusal', 'neither of them'),
    );
    if (refusal === undefined) {
      const isReady = ({ event }: Received) => event === 'ready';
      await this.#until(
        () => this.received.slice(before).find(isReady),
        READY_WAIT_MS,
        () => unmet('', ''),
      ).then(
        ({ payload }) => {
          this.ready = payload as Ready;
        },
        () => {},
      );
    }
    return refusal;
  }

  /** Sends a `ping` every so often, until the connection ends. */
  keepAlive(everyMs: number): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => this.socket.connected && this.socket.emit('ping'), everyMs);
    this.#heartbeat.unref();
  }

  /** The payload of an event of this name, received already or to come. */
  async next<Payload>(event: string, match: (payload: Payload) => boolean = () => true): Promise<Payload> {
    const isIt = (each: Received) => each.event === event && match(each.payload as Payload);
    const expected = `the event "${event}" within ${this.#waitMs} ms`;
    const found = await this.#until(
      () => this.received.find(isIt),
      this.#waitMs,
      () => unmet(expected, this.describe()),
    );
    return found.payload as Payload;
  }

  /** Emits with an acknowledgement, and resolves to it. */
  async request<Answer = Record<string, unknown>>(event: string, payload?: unknown): Promise<Answer> {
    const late = () => unmet(`an acknowledgement of "${event}" within ${this.#waitMs} ms`, this.describe());
    // Socket.IO would keep it for a connection that does not come.
    if (!this.socket.active) throw late();
    try {
      const args = payload === undefined ? [] : [payload];
      return (await this.socket.timeout(this.#waitMs).emitWithAck(event, ...args)) as Answer;
    } catch {
      throw late();
    }
  }

  /** Ends the connection, and every wait for something to come. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.socket.disconnect();
    this.#endWaits(unmet('a client that is open', this.describe()));
  }

  describe(): string {
    const state = this.socket.connected ? 'still connected' : 'the connection ended';
    const events = this.received.filter(({ event }) => event !== 'pong').slice(-5);
    return `${state}; received: ${events.map(({ event, payload }) => `${event} ${show(payload)}`).join(', ') || 'nothing'}`;
  }

  async #until<Found>(look: () => Found | undefined, waitMs: number, late: () => Error): Promise<Found> {
    let watcher = () => {};
    const found = new Promise<Found>((resolve) => {
      watcher = () => {
        const value = look();
        if (value !== undefined) resolve(value);
      };
    });
    this.#watchers.add(watcher);
    watcher();
    return this.#within(found, waitMs, late).finally(() => this.#watchers.delete(watcher));
  }

  #within<Value>(promise: Promise<Value>, waitMs: number, late: () => Error): Promise<Value> {
    return within(Promise.race([promise, this.#closed]), waitMs, late);
  }
}

const unmet = (expected: string, seen: string) => new Unmet({ what: 'a client', expected, seen });
