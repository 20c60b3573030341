import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { Server, type Socket } from 'socket.io';
import { onTestFinished } from 'vitest';
import type { EmitRequest } from '../../src/contract/emission.ts';
import { ERRORS, type ErrorCode } from '../../src/contract/errors.ts';

/** What can be wrong with a server. */
export type Flaw =
  | 'has no limit'
  | 'has a limit that can be raced'
  | 'never frees a slot'
  | 'leaks a slot when a handshake breaks off'
  | 'leaves a refused transport open'
  | 'never times out'
  | 'times out too early'
  | 'never pongs'
  | 'never moves lastSeen on'
  | 'leaks events to other rooms'
  | 'loses one event in a thousand'
  | 'delivers one event in a thousand twice'
  | 'swaps two events now and then'
  | 'acknowledges late'
  | 'replays after a reconnection'
  | 'accepts expired tokens'
  | 'drops the oldest sockets silently';

export interface FlawedServer {
  url: string;
  secret: string;
}

const SECRET = 'a-secret-for-tests-that-is-long-enough';
/** Short enough to be waited for, and long enough for whoever tests something else. */
const HEARTBEAT_MS = { short: 800, long: 30_000 };
const LIMIT = 3;
const EARLY_SHARE = 0.5;
const RARE = 1_000;
/** More than one level of a climb, and less than two; what is dropped is gone long before the second is full. */
const KEPT_MAX = 30;
const DROPPED = 20;

/** Stock Socket.IO with the least that the contract asks for, and one thing wrong with it. Closed with the test. */
export async function startFlawedServer(
  flaw: Flaw | undefined,
  { heartbeat = 'long' }: { heartbeat?: 'short' | 'long' } = {},
): Promise<FlawedServer> {
  const heartbeatMs = HEARTBEAT_MS[heartbeat];
  const http = createServer();
  const io = new Server(http, { connectTimeout: 5_000 });
  const slots = new Map<string, number>();
  const users = new Map<Socket, string>();
  const issuedAfter = new Map<string, number>();
  const missed = new Map<string, { event: string; payload: unknown }[]>();
  let deliveries = 0;
  let acks = 0;

  const take = (user: string) => slots.set(user, (slots.get(user) ?? 0) + 1);
  const free = (user: string) => slots.set(user, (slots.get(user) ?? 1) - 1);

  function close(socket: Socket, code: ErrorCode): void {
    socket.emit('closing', { code, message: ERRORS[code].message, retry: false, correlationId: 'x' });
    socket.disconnect(true);
  }

  function refuse(socket: Socket, code: ErrorCode): Error {
    if (flaw !== 'leaves a refused transport open') setTimeout(() => socket.conn.close(), 100);
    return Object.assign(new Error(ERRORS[code].message), { data: { code, message: ERRORS[code].message } });
  }

  io.use(async (socket, next) => {
    const verified = verify(socket.handshake.auth['token'], flaw === 'accepts expired tokens');
    if (typeof verified === 'string') return next(refuse(socket, verified));
    const { user, exp } = verified;
    const count = slots.get(user) ?? 0;
    if (count >= LIMIT && flaw !== 'has no limit') return next(refuse(socket, 'MAX_CONNECTIONS_EXCEEDED'));
    if (flaw === 'has a limit that can be raced') await new Promise((resolve) => setTimeout(resolve, 20));
    take(user);
    // A client that goes while this is under way never becomes a connection.
    await new Promise((resolve) => setTimeout(resolve, 10));
    let isFree = false;
    const giveBack = (reason: string) => {
      if (isFree) return;
      isFree = true;
      if (flaw === 'never frees a slot' && reason === 'client namespace disconnect') return;
      free(user);
    };
    socket.data = { user, exp, giveBack };
    if (flaw !== 'leaks a slot when a handshake breaks off') {
      if (socket.conn.readyState !== 'open') giveBack('gone');
      socket.conn.once('close', () => setImmediate(giveBack, 'gone'));
    }
    next();
  });

  io.on('connection', (socket) => {
    const { user, exp, giveBack } = socket.data as { user: string; exp: number; giveBack(reason: string): void };
    users.set(socket, user);
    if (flaw === 'drops the oldest sockets silently' && users.size > KEPT_MAX) {
      for (const { conn } of [...users.keys()].slice(0, DROPPED)) conn.close();
    }
    void socket.join(`user:${user}`);
    const connectedAt = Date.now();
    const timeoutMs = flaw === 'times out too early' ? heartbeatMs * EARLY_SHARE : heartbeatMs;
    const arm = () =>
      flaw === 'never times out' ? undefined : setTimeout(close, timeoutMs, socket, 'HEARTBEAT_TIMEOUT');
    let timer = arm();
    let expiry = setTimeout(close, exp * 1_000 - Date.now(), socket, 'TOKEN_EXPIRED');
    socket.on('disconnect', (reason) => {
      clearTimeout(timer);
      clearTimeout(expiry);
      users.delete(socket);
      giveBack(reason);
      missed.set(user, missed.get(user) ?? []);
    });
    socket.emit('ready', {
      socketId: socket.id,
      userId: user,
      heartbeatTimeoutMs: heartbeatMs,
      connectionsPerUser: LIMIT,
    });
    if (flaw === 'replays after a reconnection') {
      for (const { event, payload } of missed.get(user) ?? []) socket.emit(event, payload);
    }
    missed.delete(user);

    socket.onAny((event: string, ...args: unknown[]) => {
      const ack = typeof args.at(-1) === 'function' ? (args.at(-1) as (answer: unknown) => void) : undefined;
      const payload = (typeof args[0] === 'function' ? undefined : args[0]) as Record<string, string> | undefined;
      const fail = (code: ErrorCode) => ack?.({ ok: false, error: { code, message: ERRORS[code].message } });
      if (event === 'ping') {
        clearTimeout(timer);
        timer = arm();
        const lastSeen = flaw === 'never moves lastSeen on' ? connectedAt : Date.now();
        const answer = { ok: true, lastSeen, serverTime: Date.now() };
        acks += 1;
        if (flaw === 'acknowledges late' && acks % 40 === 0) setTimeout(() => ack?.(answer), 1_500);
        else if (ack !== undefined) ack(answer);
        else if (flaw !== 'never pongs')
          socket.emit('pong', { lastSeen: answer.lastSeen, serverTime: answer.serverTime });
      } else if (event === 'room:join') {
        if (typeof payload?.['room'] !== 'string') return fail('PAYLOAD_INVALID');
        if (payload['room'].startsWith('user:')) return fail('ROOM_FORBIDDEN');
        void socket.join(payload['room']);
        ack?.({ ok: true, room: payload['room'] });
      } else if (event === 'protocol:join') {
        for (const room of socket.rooms) if (room.startsWith('protocol:')) void socket.leave(room);
        void socket.join(`protocol:${payload?.['protocolId']}`);
        ack?.({ ok: true, room: `protocol:${payload?.['protocolId']}` });
      } else if (event === 'auth:refresh') {
        const fresh = verify(payload?.['token'], false);
        if (typeof fresh === 'string') return fail(fresh);
        if (fresh.user !== user) return fail('FORBIDDEN');
        clearTimeout(expiry);
        expiry = setTimeout(close, Math.min(fresh.exp * 1_000 - Date.now(), 2 ** 31 - 1), socket, 'TOKEN_EXPIRED');
        ack?.({ ok: true, expiresAt: fresh.exp * 1_000 });
      } else fail('EVENT_UNKNOWN');
      return undefined;
    });
  });

  function verify(token: unknown, ignoreExpiration: boolean): { user: string; exp: number } | ErrorCode {
    if (typeof token !== 'string') return 'UNAUTHENTICATED';
    try {
      const { sub = '', exp = 0, iat = 0 } = jwt.verify(token, SECRET, { ignoreExpiration }) as jwt.JwtPayload;
      return iat * 1_000 < (issuedAfter.get(sub) ?? 0) ? 'TOKEN_REVOKED' : { user: sub, exp };
    } catch (error) {
      return error instanceof jwt.TokenExpiredError ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID';
    }
  }

  /** What each socket still waits for: an event that was held back comes after the next one. */
  const heldBack = new Map<Socket, [string, unknown]>();

  function deliver(socket: Socket, event: string, payload: unknown): void {
    deliveries += 1;
    const isRare = deliveries % RARE === RARE / 2;
    if (flaw === 'loses one event in a thousand' && isRare) return;
    if (flaw === 'swaps two events now and then' && isRare) {
      heldBack.set(socket, [event, payload]);
      return;
    }
    socket.emit(event, payload);
    if (flaw === 'delivers one event in a thousand twice' && isRare) socket.emit(event, payload);
    const late = heldBack.get(socket);
    if (late !== undefined) socket.emit(...late);
    heldBack.delete(socket);
  }

  function emit({ event, payload, ...request }: EmitRequest): { ok: true; recipients: number } {
    const to = request.to === 'all' ? undefined : request.to;
    const names = [...(to?.rooms ?? []), ...(to?.users ?? []).map((user) => `user:${user}`)];
    const found = new Set(to === undefined ? users.keys() : names.flatMap((name) => socketsIn(name)));
    if (flaw === 'leaks events to other rooms') {
      const isPlain = (name: string) => !/^(user|protocol):/.test(name);
      for (const socket of names.some(isPlain) ? users.keys() : []) {
        if ([...socket.rooms].some((room) => room !== socket.id && isPlain(room))) found.add(socket);
      }
    }
    for (const socket of found) deliver(socket, event, payload);
    for (const user of to?.users ?? []) missed.get(user)?.push({ event, payload });
    return { ok: true, recipients: found.size };
  }

  const socketsIn = (room: string) =>
    [...(io.sockets.adapter.rooms.get(room) ?? [])].flatMap((id) => io.sockets.sockets.get(id) ?? []);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readJson(request)) as never;
    let result: unknown = {};
    if (request.url === '/api/emit') {
      result = Array.isArray(body) ? (body as EmitRequest[]).map(emit) : await emitWithAcks(body);
    } else if (request.url === '/api/tokens/revoke') {
      const { userId } = body as { userId: string };
      issuedAfter.set(userId, Date.now());
      for (const [socket, user] of users) if (user === userId) close(socket, 'TOKEN_REVOKED');
    } else if (request.url === '/api/stats') {
      result = { connections: users.size, slots: [...slots.values()].reduce((sum, each) => sum + each, 0) };
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(result));
  }

  async function emitWithAcks(request: EmitRequest): Promise<unknown> {
    if (request.ack === undefined) return emit(request);
    const { users: asked = [] } = typeof request.to === 'object' ? request.to : {};
    const rooms = asked.map((user) => `user:${user}`);
    const answers = await io.timeout(1_000).to(rooms).emitWithAck(request.event, request.payload);
    return { ok: true, recipients: answers.length };
  }

  http.on('request', (request, response) => {
    if (request.url?.startsWith('/api/')) void answer(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await io.close();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, secret: SECRET };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text === '' ? undefined : JSON.parse(text);
}
