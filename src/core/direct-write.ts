import type { Duplex } from 'node:stream';

/** What Node keeps of a system call that has left some of the bytes for later. */
interface WriteRequest {
  handle?: Handle;
  /** Not to be collected until then. */
  buffer?: Buffer;
  /** Called with a negative number where it failed. */
  oncomplete?: (status: number) => void;
  /** -1 unless the system holds on to it. */
  getAsyncId?(): number;
  /** What `oncomplete` would have been called with, had it been there in time. */
  writeStatus?: number | null;
}

interface Handle {
  /** @returns 0 or the number of an error; a request for the rest where none is brought */
  writeBuffer(request: WriteRequest | null, data: Buffer): number | WriteRequest;
}

/** A TCP socket, with what `net.Socket` keeps behind its public interface. */
export interface TcpSocket extends Duplex {
  readonly _handle?: Handle | null;
}

/** What became of some bytes: the kernel has them, or will have them later, or nobody has, and they have to go the ordinary way. */
export type Written = 'now' | 'later' | 'not';

/** @returns 0 when all was taken, another number when nothing was, or the request for what is left */
type Attempt = (handle: Handle, data: Buffer) => number | WriteRequest;

/**
 * Writes to TCP sockets past Node's streams. Only for sockets through whose stream nothing is on its way; what follows through
 * the stream comes after it.
 *
 * How a write is made is seen from the first one that goes the ordinary way. Where it is not made as expected, none goes this one.
 *
 * @param onMismatch told once what is not as expected
 * @param onLater called when it answers `later`, with the socket's owner; what it returns is called once the kernel has taken
 *   everything, or with the error. A socket that is closed meanwhile takes nothing, and nothing is called
 */
export function createDirectWrite<Owner>(
  onMismatch: (what: string) => void,
  onLater: (owner: Owner) => (error?: Error) => void,
) {
  let isInspected = false;
  let attempt: Attempt | undefined;

  /** Looks over Node's shoulder at the next write of a socket. */
  function learn(handle: Handle): void {
    if (Object.hasOwn(handle, 'writeBuffer')) return;
    handle.writeBuffer = function look(request, data) {
      Reflect.deleteProperty(handle, 'writeBuffer');
      const result = handle.writeBuffer(request, data);
      // A failure shows nothing.
      if (!isInspected && (result === 0 || typeof result !== 'number')) {
        isInspected = true;
        attempt = attemptAs(request, result);
        if (attempt === undefined) onMismatch('the writes of a TCP socket');
      }
      return result;
    };
  }

  return function write(tcp: TcpSocket, data: Buffer, owner: Owner): Written {
    const handle = tcp._handle;
    // That of TLS encrypts first.
    if (handle === undefined || handle === null || handle.constructor.name !== 'TCP') return 'not';
    if (!isInspected) learn(handle);
    if (attempt === undefined) return 'not';
    const left = attempt(handle, data);
    if (left === 0) return 'now';
    // What fails here fails the ordinary way too, and is taken care of there.
    if (typeof left === 'number') return 'not';
    complete(left, tcp, handle, data, onLater(owner));
    return 'later';
  };
}

function complete(
  request: WriteRequest,
  tcp: TcpSocket,
  handle: Handle,
  data: Buffer,
  onTaken: (error?: Error) => void,
): void {
  const { writeStatus } = request;
  request.handle = handle;
  request.buffer = data;
  request.oncomplete = (status) => {
    if (tcp.destroyed) return;
    const error = status < 0 ? Object.assign(new Error('a write failed'), { errno: status }) : undefined;
    if (error !== undefined) tcp.destroy(error);
    onTaken(error);
  };
  if (typeof writeStatus === 'number') {
    request.writeStatus = null;
    request.oncomplete(writeStatus);
  }
}

/** Writes as Node was seen to write; `undefined` when that is not known to us. */
function attemptAs(request: unknown, result: unknown): Attempt | undefined {
  if (result !== 0 && (typeof result !== 'object' || result === null)) return undefined;
  // Node 26 makes requests only where something is left.
  if (request === null) return (handle, data) => handle.writeBuffer(null, data);
  return result === 0 ? withRequests(request as WriteRequest) : undefined;
}

/** Node up to 25 makes one for each write. One that the system has not taken may be used again. */
function withRequests(seen: WriteRequest): Attempt | undefined {
  const Request = seen.constructor as new () => Required<WriteRequest>;
  if (typeof seen.getAsyncId !== 'function') return undefined;
  let next = new Request();
  if (next.getAsyncId() !== -1) return undefined;
  return (handle, data) => {
    const result = handle.writeBuffer(next, data);
    if (result !== 0 || next.getAsyncId() === -1) return result;
    const request = next;
    next = new Request();
    return request;
  };
}
