// rtserver as it comes; only what would log each connection or limit the pings is set otherwise.
import { createRealtimeServer } from '../../dist/index.js';
import { CONNECTIONS_PER_USER, HEARTBEAT_TIMEOUT_MS, REDIS_URL, SECRET, serveOrders } from './control.js';

const server = await createRealtimeServer({
  port: 0,
  auth: { secret: SECRET },
  limits: { connectionsPerUser: CONNECTIONS_PER_USER, eventsPerSecond: 1_000_000 },
  heartbeat: { timeout: HEARTBEAT_TIMEOUT_MS },
  ...(REDIS_URL !== undefined && { redis: { url: REDIS_URL } }),
  fastPath: process.env.RTSERVER_FAST_PATH !== '0',
  log: { level: 'warn', format: 'json' },
});

serveOrders({
  url: server.url,
  send({ room, user }, event, payload) {
    const result = server.emitter.emit(event, payload, room === undefined ? { users: [user] } : { rooms: [room] });
    if (!result.ok) throw new Error(result.reason);
  },
});
