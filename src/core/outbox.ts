import { createDirectWrite, type DirectWrite, type TcpSocket } from './direct-write.ts';
import { createTurnEnd } from './turn-end.ts';

/** More than this does not wait for one socket: it would be in no figure, and is copied into one piece. */
const HELD_MAX_BYTES = 65_536;
/** Each connection begins with two: if the second waited, it would be as many system calls, and an outbox for each connection. */
const AT_ONCE_MAX = 2;
const NOTHING = Buffer.alloc(0);
const OUTBOX = Symbol('outbox');
/** The exits of a stream: nothing gets to the system in another way. */
const EXITS = ['_write', '_writev', '_final', '_destroy'] as const;

type OnTaken = (error?: Error | null) => void;

/** What is to be known of whoever owns a TCP socket. */
export interface Owners<Owner> {
  /** What takes the errors of its writes. */
  errorTaker(owner: Owner): OnTaken;
  /** It does not keep up: until what this returns is called, nothing more may be sent to it. */
  holdUp(owner: Owner): OnTaken;
  /** Node is not made as expected: what of it. */
  onMismatch(what: string): void;
}

export interface Outboxes<Owner> {
  /** May something be sent to this socket, or has it to wait for what is in its stream? */
  isOpen(tcp: TcpSocket): boolean;
  /**
   * Sends to a socket that is open, and whose owner is not held up.
   *
   * @param isForMany it waits for the end of the turn; what is for this one alone does not, unless something else is waiting
   *   or much was sent in this turn
   */
  send(owner: Owner, tcp: TcpSocket, frame: Buffer, isForMany: boolean): void;
  /** Does something wait for the end of the turn? */
  holds(tcp: TcpSocket): boolean;
  /** Sends at once what waits for the end of this turn of the event loop. */
  flush(): void;
}

/**
 * Gathers what is for the same TCP socket in a turn of the event loop, and writes it with one system call. What goes
 * through the socket's stream meanwhile, control frames or the end, comes after what was gathered before it: where it can be
 * written directly, it waits here and goes out in front of whatever leaves the stream; elsewhere it waits in the stream, corked.
 */
export function createOutboxes<Owner>(owners: Owners<Owner>): Outboxes<Owner> {
  const direct = createDirectWrite(owners.onMismatch, owners.holdUp);
  const way: Way<Owner> = { owners, direct, join: createJoin() };
  /** How many went at once in this turn. */
  const sentAtOnce = new Map<TcpSocket, number>();
  const turnEnd = createTurnEnd<Outbox<Owner>>(
    (outbox) => outbox.release(),
    () => sentAtOnce.clear(),
  );

  const holds = (tcp: BoxedSocket<Owner>) => tcp[OUTBOX]?.holds === true;

  function hold(owner: Owner, tcp: BoxedSocket<Owner>, frame: Buffer): void {
    tcp[OUTBOX] ??= new Outbox(owner, tcp, way);
    const outbox = tcp[OUTBOX];
    if (!outbox.holds) turnEnd.add(outbox);
    outbox.hold(frame);
  }

  function sendNow(owner: Owner, tcp: TcpSocket, frame: Buffer): void {
    sentAtOnce.set(tcp, (sentAtOnce.get(tcp) ?? 0) + 1);
    turnEnd.schedule();
    if (direct.fits(tcp)) {
      direct.write(tcp, frame, owner);
    } else {
      tcp.write(frame, owners.errorTaker(owner));
      holdUpIfLate(owner, tcp, owners);
    }
  }

  return {
    isOpen: (tcp: BoxedSocket<Owner>) => tcp.writable && (tcp.writableLength === 0 || tcp[OUTBOX]?.isCorked === true),
    holds,
    send(owner, tcp, frame, isForMany) {
      if (isForMany || holds(tcp) || sentAtOnce.get(tcp) === AT_ONCE_MAX) hold(owner, tcp, frame);
      else sendNow(owner, tcp, frame);
    },
    flush: turnEnd.flush,
  };
}

type BoxedSocket<Owner> = TcpSocket & { [OUTBOX]?: Outbox<Owner> };

/** What all outboxes share. */
interface Way<Owner> {
  readonly owners: Owners<Owner>;
  readonly direct: DirectWrite<Owner>;
  readonly join: (frames: readonly Buffer[]) => Buffer;
}

/** What waits for one socket. Kept once there is one: where something came, more will. */
class Outbox<Owner> {
  /** Mostly one waits, for which there is no need of a list. */
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  #bytes = 0;
  #isCorked = false;
  readonly #owner: Owner;
  readonly #tcp: TcpSocket;
  readonly #way: Way<Owner>;

  constructor(owner: Owner, tcp: TcpSocket, way: Way<Owner>) {
    this.#owner = owner;
    this.#tcp = tcp;
    this.#way = way;
  }

  /** Does what waits in this turn wait in the stream? */
  get isCorked(): boolean {
    return this.#isCorked;
  }

  get holds(): boolean {
    return this.#isCorked || this.#first !== undefined;
  }

  hold(frame: Buffer): void {
    if (!this.holds && !(this.#way.direct.fits(this.#tcp) && this.#guard())) {
      this.#isCorked = true;
      this.#tcp.cork();
    }
    if (this.#isCorked) this.#tcp.write(frame, this.#way.owners.errorTaker(this.#owner));
    else this.#keep(frame);
  }

  #keep(frame: Buffer): void {
    if (this.#bytes + frame.length > HELD_MAX_BYTES) this.letOut();
    this.#bytes += frame.length;
    if (this.#first === undefined) {
      this.#first = frame;
    } else {
      this.#more ??= [];
      this.#more.push(frame);
    }
  }

  /** Writes what waits. */
  release(): void {
    if (!this.#isCorked) {
      this.letOut();
      return;
    }
    this.#isCorked = false;
    this.#tcp.uncork();
    holdUpIfLate(this.#owner, this.#tcp, this.#way.owners);
  }

  /** Writes what waits here, past the stream. */
  letOut(): void {
    const first = this.#first;
    const more = this.#more;
    if (first === undefined) return;
    this.#first = undefined;
    this.#more = undefined;
    this.#bytes = 0;
    const data = more === undefined ? first : this.#way.join([first, ...more]);
    this.#way.direct.write(this.#tcp, data, this.#owner);
  }

  /** @returns whether it is: somebody else may have changed the exits */
  #guard(): boolean {
    const tcp = this.#tcp as TcpSocket & Exits;
    if (EXITS.every((exit) => tcp[exit] === guarded[exit])) return true;
    if (EXITS.some((exit) => Object.hasOwn(this.#tcp, exit))) return false;
    Object.assign(this.#tcp, guarded);
    return true;
  }
}

function holdUpIfLate<Owner>(owner: Owner, tcp: TcpSocket, { holdUp }: Owners<Owner>): void {
  // Nothing, which is taken after all that waits.
  if (tcp.writableLength > 0 && tcp.writable) tcp.write(NOTHING, holdUp(owner));
}

function guard(exit: Exit) {
  return function leave(this: BoxedSocket<unknown>, ...given: unknown[]): void {
    this[OUTBOX]?.letOut();
    Object.getPrototypeOf(this)[exit].apply(this, given);
  };
}

/** The exits of a stream, which let out first what waits beside it. */
const guarded = Object.fromEntries(EXITS.map((exit) => [exit, guard(exit)])) as Exits;

type Exit = (typeof EXITS)[number];
type Exits = Record<Exit, (...given: unknown[]) => void>;

/** @returns which makes one piece of several; receivers of the same get the same piece */
function createJoin(): (frames: readonly Buffer[]) => Buffer {
  let lastFrames: readonly Buffer[] = [];
  let last = NOTHING;
  return (frames) => {
    const isSame = frames.length === lastFrames.length && frames.every((frame, at) => frame === lastFrames[at]);
    if (!isSame) {
      lastFrames = frames;
      last = Buffer.concat(frames);
    }
    return last;
  };
}
