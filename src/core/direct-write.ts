import type { Duplex } from 'node:stream';
import { getSystemErrorName } from 'node:util';

/** What Node keeps of a system call that has left some of the bytes for later. */
interface WriteRequest {
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

export interface DirectWrite<Owner> {
  /** May it be used with this socket? As long as that is not known, Node's next write to it is looked at. */
  fits(tcp: TcpSocket): boolean;
  /** Only for sockets that it fits. */
  write(tcp: TcpSocket, data: Buffer, owner: Owner): void;
}

/** @returns 0 when all was taken, another number when nothing was, or the request for what is left */
type Attempt = (handle: Handle, data: Buffer) => number | WriteRequest;

/**
 * Writes to TCP sockets past Node's streams. What goes through the stream later comes after it; what is in the stream already
 * may come after it too.
 *
 * How a write is made is seen from the first one that goes the ordinary way. Where it is not made as expected, none goes this one.
 *
 * @param onMismatch told once what is not as expected
 * @param onLater called with the socket's owner when the kernel does not take everything at once; what it returns is called
 *   when it has, or with the error. A socket that is closed meanwhile takes nothing, and nothing is called
 */
export function createDirectWrite<Owner>(
  onMismatch: (what: string) => void,
  onLater: (owner: Owner) => (error?: Error) => void,
): DirectWrite<Owner> {
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

  return {
    fits(tcp) {
      const handle = tcp._handle;
      // That of TLS encrypts first.
      if (handle === undefined || handle === null || handle.constructor.name !== 'TCP') return false;
      if (!isInspected) learn(handle);
      return attempt !== undefined;
    },

    write(tcp, data, owner) {
      const handle = tcp._handle;
      if (attempt === undefined || handle === undefined || handle === null) return;
      const left = attempt(handle, data);
      if (left === 0) return;
      if (typeof left === 'number') tcp.destroy(toWriteError(left));
      else complete(left, tcp, data, onLater(owner));
    },
  };
}

function complete(request: WriteRequest, tcp: TcpSocket, data: Buffer, onTaken: (error?: Error) => void): void {
  const { writeStatus } = request;
  request.buffer = data;
  request.oncomplete = (status) => {
    if (tcp.destroyed) return;
    const error = status < 0 ? toWriteError(status) : undefined;
    if (error !== undefined) tcp.destroy(error);
    onTaken(error);
  };
  if (typeof writeStatus === 'number') {
    request.writeStatus = null;
    // Not from within a write.
    queueMicrotask(() => request.oncomplete?.(writeStatus));
  }
}

/** @param errno as libuv has it, negative */
function toWriteError(errno: number): Error {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`write ${code}`), { errno, code, syscall: 'write' });
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
