import { monitorEventLoopDelay } from 'node:perf_hooks';

// What every server under comparison does for the script that drives it: answers its orders, and ends with it.

/**
 * Serves orders until the parent process is gone.
 *
 * @param {{
 *   url: string,
 *   send(to: { room: string } | { user: string }, event: string, payload: unknown): void,
 * }} server
 */
export function serveOrders({ url, send }) {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const orders = {
    /** `events` events to one room, all in this turn of the event loop. Says how much CPU that took, before anything else runs. */
    toRoom({ room, events, payload, at }) {
      const before = process.cpuUsage();
      for (let count = 0; count < events; count += 1) send({ room }, 'bench:event', stamped(payload, at));
      const { user, system } = process.cpuUsage(before);
      return { callUs: user + system };
    },
    toUsers({ users, payload }) {
      for (let user = 0; user < users; user += 1) send({ user: `u${user}` }, 'bench:event', payload);
    },
    toRooms({ rooms, payload }) {
      for (let room = 0; room < rooms; room += 1) send({ room: `small-${room}` }, 'bench:event', payload);
    },
    /** From now on, anew. */
    watchLoop() {
      loop.reset();
      loop.enable();
    },
    /** How long the event loop kept a timer of a millisecond waiting, in milliseconds. */
    loopDelay() {
      loop.disable();
      return { p99: loop.percentile(99) / 1e6, max: loop.max / 1e6 };
    },
    collectGarbage() {
      for (let pass = 0; pass < 4; pass += 1) globalThis.gc?.();
    },
  };
  process.on('message', ({ id, order, ...details }) => {
    try {
      process.send?.({ id, result: orders[order](details) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  });
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.send?.({ ready: url });
}

/** The time is of the system's clock, which the receivers read too. */
const stamped = (payload, at) => (at ? { ...payload, at: performance.timeOrigin + performance.now() } : payload);

/** Of the Redis to share, for the lanes that have one. */
export const REDIS_URL = process.env.BENCH_REDIS_URL;
export const SECRET = 'a-secret-for-comparisons-of-40-characters';
export const CONNECTIONS_PER_USER = 3;
export const HEARTBEAT_TIMEOUT_MS = 1_800_000;
