import { createDirectWrite, type TcpSocket } from './direct-write.ts';
import { createTurnEnd, type TurnEnd } from './turn-end.ts';

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

export interface Outboxes<Owner> extends Pick<TurnEnd<unknown>, 'flush'> {
  /**
   * Sends to one socket, through whose stream nothing is on its way, and whose owner is not held up.
   *
   * @param isForMany it waits for the end of the turn; what is for this one alone does not, unless something else is waiting
   *   or was sent in this turn
   */
  send(owner: Owner, tcp: TcpSocket, frame: Buffer, isForMany: boolean): void;
  /** Does something wait for the end of the turn? */
  holds(tcp: TcpSocket): boolean;
}

/**
 * Gathers what is for the same TCP socket in a turn of the event loop, and writes it with one system call. What goes
 * through the socket's stream meanwhile, control frames or the end, comes after what was gathered before it.
 */
export function createOutboxes<Owner>(owners: Owners<Owner>): Outboxes<Owner> {
  const way: Way<Owner> = {
    owners,
    turnEnd: createTurnEnd((outbox) => outbox.release()),
    writeDirectly: createDirectWrite(owners.onMismatch, owners.holdUp),
    join: createJoin(),
  };
  return {
    send(owner, tcp: BoxedSocket<Owner>, frame, isForMany) {
      let outbox = tcp[OUTBOX];
      if (outbox === undefined) {
        outbox = new Outbox(owner, tcp, way);
        tcp[OUTBOX] = outbox;
        Object.defineProperties(tcp, guardedExits);
      }
      outbox.send(frame, isForMany);
    },
    holds: (tcp: BoxedSocket<Owner>) => tcp[OUTBOX]?.holds === true,
    flush: way.turnEnd.flush,
  };
}

type BoxedSocket<Owner> = TcpSocket & { [OUTBOX]?: Outbox<Owner> };

interface Way<Owner> {
  readonly owners: Owners<Owner>;
  readonly turnEnd: TurnEnd<Outbox<Owner>>;
  readonly writeDirectly: ReturnType<typeof createDirectWrite<Owner>>;
  readonly join: (frames: readonly Buffer[]) => Buffer | undefined;
}

class Outbox<Owner> {
  /** Mostly one waits, for which there is no need of a list. */
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  /** In which something was sent at once. */
  #turn = -1;
  readonly #owner: Owner;
  readonly #tcp: TcpSocket;
  readonly #way: Way<Owner>;

  constructor(owner: Owner, tcp: TcpSocket, way: Way<Owner>) {
    this.#owner = owner;
    this.#tcp = tcp;
    this.#way = way;
  }

  send(frame: Buffer, isForMany: boolean): void {
    const { turnEnd } = this.#way;
    if (this.#first !== undefined) {
      this.#more ??= [];
      this.#more.push(frame);
    } else if (isForMany || this.#turn === turnEnd.turn()) {
      this.#first = frame;
      turnEnd.add(this);
    } else {
      this.#turn = turnEnd.turn();
      this.#write(frame);
    }
  }

  get holds(): boolean {
    return this.#first !== undefined;
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
      this.#write(first);
      return;
    }
    const frames = [first, ...more];
    const whole = this.#way.join(frames);
    if (whole !== undefined) this.#write(whole);
    else this.#stream(frames);
  }

  #write(data: Buffer): void {
    if (this.#way.writeDirectly(this.#tcp, data, this.#owner) === 'not') this.#stream([data]);
  }

  #stream(frames: readonly Buffer[]): void {
    const { takenBy, holdUp } = this.#way.owners;
    const tcp = this.#tcp;
    tcp.cork();
    for (const frame of frames) tcp.write(frame, takenBy(this.#owner));
    tcp.uncork();
    // Nothing, which is taken after all that waits.
    if (tcp.writableLength > 0) tcp.write(NOTHING, holdUp(this.#owner));
  }
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
