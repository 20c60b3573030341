// A plain WebSocket server of the same abilities: the wire. Rooms are sets, and an event is encoded once.
import { createServer } from 'node:http';
import jwt from 'jsonwebtoken';
import { WebSocketServer } from 'ws';
import { CONNECTIONS_PER_USER, HEARTBEAT_TIMEOUT_MS, SECRET, serveOrders } from './control.js';

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
const rooms = new Map();

function join(socket, room) {
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members.add(socket));
  socket.rooms.add(room);
}

function leaveAll(socket) {
  for (const room of socket.rooms) {
    const members = rooms.get(room);
    members.delete(socket);
    if (members.size === 0) rooms.delete(room);
  }
}

server.on('connection', (socket, request) => {
  let userId;
  try {
    userId = jwt.verify(request.headers.authorization.slice('Bearer '.length), SECRET, { algorithms: ['HS256'] }).sub;
    if ((rooms.get(`user:${userId}`)?.size ?? 0) >= CONNECTIONS_PER_USER) throw new Error('Max connections exceeded');
  } catch {
    socket.close(4401);
    return;
  }
  socket.rooms = new Set();
  join(socket, `user:${userId}`);
  let timer = setTimeout(() => socket.terminate(), HEARTBEAT_TIMEOUT_MS);
  socket.on('message', (data) => {
    const [event, id, room] = JSON.parse(data.toString());
    if (event === 'ping') {
      clearTimeout(timer);
      timer = setTimeout(() => socket.terminate(), HEARTBEAT_TIMEOUT_MS);
      socket.send(JSON.stringify(['ack', id, { lastSeen: Date.now(), serverTime: Date.now(), ok: true }]));
    } else if (event === 'join') {
      join(socket, room);
      socket.send(JSON.stringify(['ack', id, { room, ok: true }]));
    }
  });
  socket.on('close', () => {
    clearTimeout(timer);
    leaveAll(socket);
  });
  socket.on('error', () => socket.terminate());
  socket.send(JSON.stringify(['ready', { userId, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS, serverTime: Date.now() }]));
});

http.listen(0, '127.0.0.1', () => {
  serveOrders({
    url: `http://127.0.0.1:${http.address().port}`,
    send({ room, user }, event, payload) {
      const text = JSON.stringify([event, payload]);
      for (const socket of rooms.get(room ?? `user:${user}`) ?? []) socket.send(text);
    },
  });
});
