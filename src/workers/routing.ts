import { type IncomingMessage, request as requestHttp, ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { stopReading } from './stop-reading.ts';

/** What is used of engine.io. */
export interface RoutedEngine {
  generateId(request: IncomingMessage): string | PromiseLike<string>;
  use(middleware: (request: IncomingMessage, response: unknown, next: () => void) => void): unknown;
}

/** Where the workers are. */
export interface Neighbours {
  /** Of this worker. */
  readonly number: number;
  /** Where a worker listens for the others. */
  addressOf(worker: number): string;
  /** Lets a worker have a TCP connection, of which `head` has been read. */
  pass(worker: number, head: string, socket: Socket): void;
}

/** Of one connection between two processes, and not of what it carries. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'expect'];

/**
 * Brings every request to the worker that has its session: whoever polls, or upgrades to a WebSocket, comes with several
 * TCP connections, and a proxy in front may mix the requests of many clients on one. The session's id says whose it is. Call
 * it after what refuses clients, which is done where the client's address is known.
 */
export function routeSessions(engine: RoutedEngine, neighbours: Neighbours): void {
  const { number, addressOf, pass } = neighbours;
  const generateId = engine.generateId.bind(engine);
  engine.generateId = (request) => {
    const id = generateId(request);
    return typeof id === 'string' ? `${number}-${id}` : id.then((each) => `${number}-${each}`);
  };

  engine.use((request, response, next) => {
    const owner = ownerOf(request);
    if (owner === undefined || owner === number) next();
    // Of a worker that is gone: engine.io says that there is no such session.
    else if (response instanceof ServerResponse) forward(addressOf(owner), request, response, next);
    else if (request.socket instanceof TLSSocket || !stopReading(request.socket)) pipe(addressOf(owner), request);
    else pass(owner, headOf(request), request.socket);
  });
}

function ownerOf({ url = '' }: IncomingMessage): number | undefined {
  const [, worker] = /[?&]sid=(\d+)-/.exec(url) ?? [];
  return worker === undefined ? undefined : Number(worker);
}

function forward(address: string, request: IncomingMessage, response: ServerResponse, otherwise: () => void): void {
  const send = request.socket instanceof TLSSocket ? requestHttps : requestHttp;
  const { method, url: path } = request;
  const hasBody = method === 'POST';
  const headers = endToEnd(request.headers);
  // Node sends the body of other methods without a frame, and the owner would read it as the next request.
  if (!hasBody) delete headers['content-length'];
  // A connection each, since a kept one may be closed in the instant in which it is used again; and it is ours to close:
  // from a client that is answered and closed, the last, empty write of a request would take the answer away.
  const onward = send({
    ...{ socketPath: address, method, path, headers: { ...headers, connection: 'keep-alive' }, agent: false },
    // The very server that this is a process of.
    rejectUnauthorized: false,
  });
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  onward.on('error', (error: NodeJS.ErrnoException) => {
    if (response.headersSent) return;
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') otherwise();
    else response.destroy();
  });
  response.on('close', () => onward.destroy());
  if (hasBody) request.pipe(onward);
  else {
    request.resume();
    onward.end();
  }
}

/** A connection that cannot go over to another process, as an encrypted one: this process stays in between. */
function pipe(path: string, request: IncomingMessage): void {
  const { socket } = request;
  const isTls = socket instanceof TLSSocket;
  const onward = isTls ? connectTls({ path, rejectUnauthorized: false }) : connect({ path });
  onward.once(isTls ? 'secureConnect' : 'connect', () => {
    onward.write(headOf(request), 'latin1');
    socket.pipe(onward).pipe(socket);
  });
  for (const [from, to] of [
    [socket, onward],
    [onward, socket],
  ] as const) {
    from.on('error', () => {});
    from.on('close', () => to.destroy());
  }
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
  return [`${method} ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}
