import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { compactListeners } from './compact-listeners.ts';
import type { RtServer, RtSocket } from './connection.ts';

/** What is left of the HTTP request of a connection once it is through: what applications read of it. */
class PastRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;

  constructor({ method, url, headers, socket }: IncomingMessage) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.socket = socket;
  }

  get connection(): Socket {
    return this.socket;
  }
}

interface Innards {
  engine: { middlewares?: readonly unknown[] };
  conn: EventEmitter & {
    request: IncomingMessage | PastRequest;
    server: object;
    /** A WebSocket below it, where it is one. */
    transport: EventEmitter & { name: string; socket?: EventEmitter };
  };
}

/** The engines whose requests nobody needs, by how many middlewares of ours each has. */
const middlewaresOf = new WeakMap<object, number>();

/** Does only our own middleware see the requests? That of an application may keep a session in them, or wait for their end. */
function isOurs(engine: object): boolean {
  return (engine as Innards['engine']).middlewares?.length === middlewaresOf.get(engine);
}

/**
 * Lets the requests of handshakes go, which engine.io and Node would keep, streams and all, as long as their connections
 * live. Call it once everything of ours uses the engine; where the application does too, its requests stay.
 */
export function releaseRequests({ engine }: Pick<RtServer, 'engine'>): void {
  engine.use((request: IncomingMessage, response: object, next: () => void) => {
    if (isOurs(engine) && response.constructor.name === 'WebSocketResponse') dropResponse(request.socket);
    next();
  });
  const { middlewares } = engine as unknown as Innards['engine'];
  if (middlewares !== undefined) middlewaresOf.set(engine, middlewares.length);
}

/** What stands for the answer to an upgrade listens for the end of the connection, to tell middleware, and keeps the request. */
function dropResponse(socket: Socket): void {
  const last = socket.rawListeners('close').at(-1) as { listener?: () => void } | undefined;
  if (last?.listener !== undefined) socket.off('close', last.listener);
}

/**
 * Lets go of what a connection was made with. To be called when it is accepted: the application has its turn with the whole
 * request first.
 */
export function releaseRequest(socket: RtSocket): void {
  setImmediate(release, socket);
}

function release(socket: RtSocket): void {
  const conn = socket.conn as unknown as Innards['conn'];
  const { transport } = conn;
  const webSocket = transport.name === 'websocket' ? transport.socket : undefined;
  // engine.io's own, for the time before there is a transport; it takes it away only where a transport was upgraded.
  const early = webSocket?.listeners('error').find(({ name }) => name === 'onUpgradeError');
  if (early !== undefined) webSocket?.off('error', early as () => void);
  if (conn.request instanceof EventEmitter && isOurs(conn.server)) conn.request = new PastRequest(conn.request);
  for (const emitter of [socket, conn, transport, webSocket]) if (emitter !== undefined) compactListeners(emitter);
}
