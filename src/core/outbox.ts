import { createDirectWrite, type TcpSocket } from './direct-write.ts';
import { createTurnEnd } from './turn-end.ts';

/** More than this is not copied into one piece: it may be the same memory for many receivers. */
const JOINED_MAX_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);
const OUTBOX = Symbol('outbox');
/** The exits of a stream: nothing gets to the system in another way. */
const EXITS = ['_write', '_writev', '_final'] as const;

type Taken = (error?: Error | null) => void;

/** What is to be known of whoever owns a TCP socket. */
export interface Owners<Owner> {
  /** Takes the errors of its writes. */
  takenBy(owner: Owner): Taken;
  /** It does not keep up: until what this returns is called, nothing more is sent to it. */
  holdUp(owner: Owner): Taken;
  /** Node is not made as expected: what of it. */
  onMismatch(what: string): void;
}

export interface Outboxes<Owner> {
  /**
   * Sends to one socket, through whose stream nothing is on its way, and whose owner is not held up.
   *
   * @param isForMany it waits for the end of the turn; what is for this one alone does not, unless something else is waiting
   *   or was sent in this turn
   */
  send(owner: Owner, tcp: TcpSocket, frame: Buffer, isForMany: boolean): void;
  /** Does something wait for the end of the turn? */
  holds(tcp: TcpSocket): boolean;
  /** Sends at once what waits for the end of this turn of the event loop. */
  flush(): void;
}

/**
 * Gathers what is for the same TCP socket in a turn of the event loop, and writes it with one system call. What goes
 * through the socket's stream meanwhile, control frames or the end, comes after what was gathered before it.
 */
export function createOutboxes<Owner>(owners: Owners<Owner>): Outboxes<Owner> {
  /** To which something went at once in this turn. */
  const sentTo = new Set<TcpSocket>();
  const turnEnd = createTurnEnd<Outbox<Owner>>(
    (outbox) => outbox.release(),
    () => sentTo.clear(),
  );
  const way: Way<Owner> = {
    owners,
    writeDirectly: createDirectWrite(owners.onMismatch, owners.holdUp),
    join: createJoin(),
  };

  /** Only those for which something waits have an outbox: most connections are idle. */
  function hold(owner: Owner, tcp: BoxedSocket<Owner>, frame: Buffer): void {
    let outbox = tcp[OUTBOX];
    if (outbox === undefined) {
      outbox = new Outbox(owner, tcp, way);
      tcp[OUTBOX] = outbox;
      Object.defineProperties(tcp, guardedExits);
    }
    if (!outbox.holds) turnEnd.add(outbox);
    outbox.hold(frame);
  }

  return {
    send(owner, tcp: BoxedSocket<Owner>, frame, isForMany) {
      if (isForMany || sentTo.has(tcp) || tcp[OUTBOX]?.holds) {
        hold(owner, tcp, frame);
      } else {
        sentTo.add(tcp);
        turnEnd.schedule();
        write(owner, tcp, frame, way);
      }
    },
    holds: (tcp: BoxedSocket<Owner>) => tcp[OUTBOX]?.holds === true,
    flush: turnEnd.flush,
  };
}

type BoxedSocket<Owner> = TcpSocket & { [OUTBOX]?: Outbox<Owner> };

interface Way<Owner> {
  readonly owners: Owners<Owner>;
  readonly writeDirectly: ReturnType<typeof createDirectWrite<Owner>>;
  readonly join: (frames: readonly Buffer[]) => Buffer | undefined;
}

class Outbox<Owner> {
  /** Mostly one waits, for which there is no need of a list. */
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  readonly #owner: Owner;
  readonly #tcp: TcpSocket;
  readonly #way: Way<Owner>;

  constructor(owner: Owner, tcp: TcpSocket, way: Way<Owner>) {
    this.#owner = owner;
    this.#tcp = tcp;
    this.#way = way;
  }

  get holds(): boolean {
    return this.#first !== undefined;
  }

  hold(frame: Buffer): void {
    if (this.#first === undefined) {
      this.#first = frame;
    } else {
      this.#more ??= [];
      this.#more.push(frame);
    }
  }

  /** Writes what waits. */
  release(): void {
    const first = this.#first;
    const more = this.#more;
    if (first === undefined) return;
    this.#first = undefined;
    this.#more = undefined;
    if (this.#tcp.destroyed) return;
    if (more === undefined) {
      write(this.#owner, this.#tcp, first, this.#way);
      return;
    }
    const frames = [first, ...more];
    const whole = this.#way.join(frames);
    if (whole !== undefined) write(this.#owner, this.#tcp, whole, this.#way);
    else stream(this.#owner, this.#tcp, frames, this.#way);
  }
}

function write<Owner>(owner: Owner, tcp: TcpSocket, data: Buffer, way: Way<Owner>): void {
  if (way.writeDirectly(tcp, data, owner) === 'not') stream(owner, tcp, [data], way);
}

function stream<Owner>(owner: Owner, tcp: TcpSocket, frames: readonly Buffer[], { owners }: Way<Owner>): void {
  tcp.cork();
  for (const frame of frames) tcp.write(frame, owners.takenBy(owner));
  tcp.uncork();
  // Nothing, which is taken after all that waits.
  if (tcp.writableLength > 0) tcp.write(NOTHING, owners.holdUp(owner));
}

/** Each of the exits of a stream, which lets what waits out first. */
const guardedExits = Object.fromEntries(EXITS.map((exit) => [exit, { value: guarded(exit) }]));

function guarded(exit: (typeof EXITS)[number]) {
  return function leave(this: BoxedSocket<unknown>, ...given: unknown[]): void {
    this[OUTBOX]?.release();
    Object.getPrototypeOf(this)[exit].apply(this, given);
  };
}

/** @returns which makes one piece of several; receivers of the same get the same piece. `undefined` when they are large. */
function createJoin(): (frames: readonly Buffer[]) => Buffer | undefined {
  let lastFrames: readonly Buffer[] = [];
  let last = NOTHING;
  return (frames) => {
    if (frames.length === lastFrames.length && frames.every((frame, at) => frame === lastFrames[at])) return last;
    const bytes = frames.reduce((sum, { length }) => sum + length, 0);
    if (bytes > JOINED_MAX_BYTES) return undefined;
    lastFrames = frames;
    last = Buffer.concat(frames, bytes);
    return last;
  };
}
