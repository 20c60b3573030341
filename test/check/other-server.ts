import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Server, type Socket } from 'socket.io';
import { createApplication } from '../../src/check/application.ts';
import { LogReader } from '../../src/check/log-reader.ts';
import type { TargetOptions } from '../../src/check/target.ts';
import { mintWith } from '../../src/check/tokens.ts';
import type { Fault } from './faults.ts';
import { createApi } from './other-api.ts';
import { createDoor } from './other-door.ts';
import { createEmission } from './other-emission.ts';

const FRONTEND = 'https://app.example';
export const SECRET = 'the-secret-of-the-other-server-that-is-long';
const HEARTBEAT_MS = 2_000;
/** For the connections of scenarios that are not about it: on a busy machine they take longer than that. */
const PATIENCE_MS = 30_000;
/** Later than a timer of a process that runs. */
const LATE_MS = 250;
const CATCH_UP_MS = 500;
const LATE_LOG_MS = 2_000;
const isAboutHeartbeats = (userId: string) => /-(?:silent|lively)$/.test(userId);

/** What the parts of the other server share. */
export interface OtherServer {
  io: Server;
  log(level: number, msg: string, fields: object): void;
  has(fault: Fault): boolean;
}

/**
 * A second server that speaks the contract, from stock Express and Socket.IO and with nothing of `src/core`: without a
 * fault it must pass every scenario, else the checks would know our server only. With a fault it does that one thing wrong.
 */
export async function startOtherServer(
  fault?: Fault,
): Promise<{ target: TargetOptions; io: Server; close(): Promise<void> }> {
  const logs = new LogReader({ isDebug: true });
  const has = (each: Fault) => each === fault;
  const log: OtherServer['log'] = (level, msg, fields) => {
    const line = `${JSON.stringify({ level, time: Date.now(), msg, ...fields })}\n`;
    if (has('logs tokens, and all of it a while later')) setTimeout(() => logs.add(line), LATE_LOG_MS);
    else logs.add(line);
  };

  // Before there is a server: the application emits while it is loaded.
  let emission: ReturnType<typeof createEmission> | undefined;
  const application = createApplication({
    getRealtimeServer: () => ({ io, http }),
    createRealtimeServer: async () => {
      if (has('runs a second server')) return { close: async () => {} };
      throw Object.assign(new Error('there is one'), { code: 'SERVER_ALREADY_RUNNING' });
    },
    realtime: {
      emit(event, payload, target) {
        if (emission !== undefined) return emission.send({ event, payload, to: target ?? {} });
        if (has('throws where there is no server')) throw new Error('Cannot read properties of undefined');
        if (!has('logs no failed emissions') && !has('logs no missing server')) {
          log(40, 'event.failed', { event, reason: 'SERVER_NOT_RUNNING' });
        }
        return { ok: false, reason: 'SERVER_NOT_RUNNING' };
      },
    },
  });

  const app = express();
  const http = createServer(app);
  const io: Server = new Server(http, {
    allowUpgrades: !has('offers no WebSocket to who polls'),
    ...(!has('sends no CORS headers') && { cors: { origin: FRONTEND, credentials: true } }),
    ...(has('replays what was missed') && { connectionStateRecovery: { skipMiddlewares: false } }),
    allowRequest: ({ headers: { origin }, url = '' }, decide) => {
      const isAllowed = has('takes a look-alike for the frontend')
        ? origin?.startsWith(FRONTEND)
        : origin === FRONTEND || has('ignores origins');
      const isUnseen = has('checks origins only over polling') && url.includes('transport=websocket');
      decide(null, origin === undefined || isAllowed === true || isUnseen);
    },
  });
  const server: OtherServer = { io, log, has };
  emission = createEmission(server);
  const door = createDoor(server);
  app.get('/healthz', (_request, response) => void response.status(has('is not well') ? 500 : 200).json({}));
  app.use('/api', createApi(server, emission, door));
  if (has('obeys whom it has refused')) io.engine.on('connection', (engine) => obey(engine, io));
  if (has('keeps the rooms of who left')) io.of('/').adapter.delAll = () => {};
  io.on('connection', (socket) => serve(server, socket, application));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const mint = mintWith(SECRET);
  const adminToken = () => mint({ userId: 'admin', expiresInMs: 600_000, claims: { scope: 'admin' } });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const target: TargetOptions = { url, adminToken, mint, frontendOrigin: FRONTEND, logs };
  return { target, io, close: () => io.close() };
}

/** What comes without an acknowledgement to answer is from no client of a scenario but the one that goes on. */
function obey(engine: { id: string; on(event: 'data', listener: (data: unknown) => void): void }, io: Server): void {
  engine.on('data', (data) => {
    const [, payload] = /^2\["room:join",(.*)\]$/.exec(String(data)) ?? [];
    if (payload !== undefined) io.of('/').adapter.addAll(engine.id, new Set([JSON.parse(payload).room]));
  });
}

type Application = ReturnType<typeof createApplication>;
type Acknowledge = (answer: object) => void;

function serve({ io, log, has }: OtherServer, socket: Socket, { modules }: Application): void {
  const { userId, isBack } = socket.data;
  const own = `user:${userId}`;
  const protocol = () => [...socket.rooms].find((room) => room.startsWith('protocol:'));
  if (!has('joins no personal room') && !(has('does not rejoin') && isBack)) socket.join(own);
  socket.data.lastSeen = Date.now();
  if (!has('logs no connections')) log(30, 'connection.accepted', { userId, socketId: socket.id });
  const limits = { heartbeatTimeoutMs: HEARTBEAT_MS, connectionsPerUser: 3 };
  if (!has('greets nobody')) socket.emit('ready', { socketId: socket.id, userId, rooms: [own], ...limits });

  const isEarly = has('times out too early');
  const timeoutMs = !isAboutHeartbeats(userId) ? PATIENCE_MS : HEARTBEAT_MS / (isEarly ? 8 : 1);
  const silence = watchSilence(timeoutMs, isEarly ? Number.POSITIVE_INFINITY : LATE_MS, () => {
    if (has('never times out')) return;
    if (!has('logs no timeouts')) log(40, 'heartbeat.timeout', { userId, socketId: socket.id });
    if (!has('times out without a word')) socket.emit('closing', { code: 'HEARTBEAT_TIMEOUT', retry: true });
    socket.disconnect(true);
  });
  socket.on('disconnect', () => {
    silence.end();
    if (!has('logs no disconnections')) log(30, 'connection.closed', { userId, socketId: socket.id });
    if (has('tells others who left')) io.emit('user:left', { userId });
  });

  const on = (event: string, handle: (payload: never, answer: Acknowledge) => object) =>
    socket.on(event, (...args: unknown[]) => {
      const last = args.at(-1);
      const answer = typeof last === 'function' ? (last as Acknowledge) : undefined;
      const result = handle(args[0] as never, answer ?? (() => {}));
      if (event !== 'ping' || answer !== undefined) answer?.({ ok: true, ...result });
      else if (!has('never pongs')) socket.emit('pong', result);
    });
  on('ping', () => {
    if (!has('times out who pings, too')) silence.begin();
    if (!has('forgets when it saw whom')) socket.data.lastSeen = Date.now();
    return has('does not acknowledge pings')
      ? { ok: false }
      : { lastSeen: socket.data.lastSeen, serverTime: Date.now() };
  });
  on('protocol:join', ({ protocolId }: { protocolId: string }) => {
    const left = protocol();
    const room = `protocol:${protocolId}`;
    if (left !== undefined && !has('stays in the protocol before')) socket.leave(left);
    if (has('lets go of the personal room')) socket.leave(own);
    if (!has('joins no protocol')) socket.join(room);
    return { room, left };
  });
  on('protocol:leave', () => {
    const left = protocol();
    if (has('refuses to let go of a protocol')) return { ok: false };
    if (left !== undefined) socket.leave(left);
    return { left };
  });
  const forbidden = { ok: false, error: { code: 'ROOM_FORBIDDEN', message: 'Not allowed in this room' } };
  on('room:join', ({ room }: { room: string }) => {
    if (room.startsWith('user:') && !has('opens personal rooms to others')) return forbidden;
    if (has('opens no rooms but protocols')) return { ok: false };
    socket.join(room);
    return { room };
  });
  on('room:leave', ({ room }: { room: string }) => {
    if (room.startsWith('user:')) return forbidden;
    if (!has('never leaves a room on request')) socket.leave(room);
    return { room };
  });
  const rooms = { join: (room: string) => void socket.join(room), leave: (room: string) => void socket.leave(room) };
  for (const [event, handler] of modules.flatMap(({ handlers }) => Object.entries(handlers))) {
    socket.on(event, async (payload: { ask: string; room: string }, answer?: Acknowledge) => {
      const result = await handler(payload, { socket: socket as never, ...rooms });
      answer?.({ ok: true, ...(result as object | undefined) });
    });
  }
}

/** A timer that is late means that this process, which is the client's too, stood still: its pings are still to be read. */
function watchSilence(timeoutMs: number, lateMs: number, onSilent: () => void) {
  let timer: NodeJS.Timeout | undefined;
  function wait(ms: number): void {
    const due = performance.now() + ms;
    timer = setTimeout(() => (performance.now() - due > lateMs ? wait(CATCH_UP_MS) : onSilent()), ms);
  }
  const silence = {
    begin() {
      silence.end();
      wait(timeoutMs);
    },
    end: () => clearTimeout(timer),
  };
  silence.begin();
  return silence;
}
