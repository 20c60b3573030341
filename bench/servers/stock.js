// Socket.IO as it comes, with what an application adds by hand: token check, limit for each user, personal room, heartbeat.
import { createServer } from 'node:http';
import jwt from 'jsonwebtoken';
import { Server } from 'socket.io';
import { CONNECTIONS_PER_USER, HEARTBEAT_TIMEOUT_MS, REDIS_URL, SECRET, serveOrders } from './control.js';

const http = createServer();
const io = new Server(http, { cors: { origin: true } });
const connectionsOf = new Map();
if (REDIS_URL !== undefined) {
  const [{ createAdapter }, { Redis }] = await Promise.all([import('@socket.io/redis-adapter'), import('ioredis')]);
  const [publishing, listening] = [new Redis(REDIS_URL), new Redis(REDIS_URL)];
  await Promise.all([publishing.ping(), listening.ping()]);
  io.adapter(createAdapter(publishing, listening));
}

io.use((socket, next) => {
  try {
    const claims = jwt.verify(socket.handshake.auth.token, SECRET, { algorithms: ['HS256'] });
    const count = connectionsOf.get(claims.sub) ?? 0;
    if (count >= CONNECTIONS_PER_USER) throw new Error('Max connections exceeded');
    connectionsOf.set(claims.sub, count + 1);
    socket.data.userId = claims.sub;
    socket.data.user = claims;
    next();
  } catch (error) {
    next(error);
  }
});

io.on('connection', (socket) => {
  const { userId } = socket.data;
  socket.join(`user:${userId}`);
  let timer = setTimeout(() => socket.disconnect(true), HEARTBEAT_TIMEOUT_MS);
  socket.on('ping', (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.disconnect(true), HEARTBEAT_TIMEOUT_MS);
    const reply = args.at(-1);
    if (typeof reply === 'function') reply({ lastSeen: Date.now(), serverTime: Date.now(), ok: true });
  });
  socket.on('room:join', ({ room }, reply) => {
    socket.join(room);
    reply({ room, ok: true });
  });
  socket.on('disconnect', () => {
    clearTimeout(timer);
    const count = connectionsOf.get(userId) - 1;
    if (count === 0) connectionsOf.delete(userId);
    else connectionsOf.set(userId, count);
  });
  socket.emit('ready', {
    socketId: socket.id,
    userId,
    rooms: [`user:${userId}`],
    heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
    connectionsPerUser: CONNECTIONS_PER_USER,
    serverTime: Date.now(),
  });
});

http.listen(0, '127.0.0.1', () => {
  serveOrders({
    url: `http://127.0.0.1:${http.address().port}`,
    send: ({ room, user }, event, payload) => void io.to(room ?? `user:${user}`).emit(event, payload),
  });
});
