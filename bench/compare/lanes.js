// What is compared. A lane measures one server once and returns its figures; rounds, medians and ratios are the caller's.
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import jwt from 'jsonwebtoken';
import { SECRET } from '../servers/control.js';

const PAYLOAD = { protocolId: '7', version: 3, text: 'x'.repeat(140) };
const SMALL_ROOMS = 100;
const WARM_UP_CONNECTIONS = 200;
const PAUSE_MS = 200;
const SPARE_FILES = 200;

/** CPU of the server for each of `units`, in microseconds. */
async function cpuPer({ server }, units, work) {
  const before = server.cpuMs();
  await work();
  return ((server.cpuMs() - before) * 1_000) / units;
}

/** Sends by orders, each of which `each` deliveries follow, and makes sure that every receiver got its share. */
async function deliver(pair, { orders, each, share, send, watchLatency }) {
  const { peers } = pair;
  await peers.order('reset', { watchLatency });
  const us = await cpuPer(pair, orders * each, async () => {
    for (let order = 1; order <= orders; order += 1) {
      await send();
      await peers.order('collect', { total: order * each });
    }
  });
  const { least, most, latencies } = await peers.order('tally');
  if (least !== share || most !== share)
    throw new Error(`receivers got ${least} to ${most} events instead of ${share}`);
  return { us, latencies };
}

/** To one room that everybody is in: `events` in one turn of the event loop, `orders` times. */
function fanOut(events, orders) {
  return async (pair, { receivers, scale }) => {
    const count = Math.max(1, Math.round(orders * scale));
    const send = () => pair.server.order('toRoom', { room: 'crowd', events, payload: PAYLOAD });
    const { us } = await deliver(pair, { orders: count, each: receivers * events, share: count * events, send });
    return { us };
  };
}

/** Time from emission to receivers under a rate that every server keeps up with. */
function latency(share) {
  return async (pair, { receivers, scale }) => {
    const orders = Math.max(2, Math.round(40 * scale));
    const send = async () => {
      await pause(50);
      await pair.server.order('toRoom', { room: 'crowd', events: 1, payload: PAYLOAD, at: true });
    };
    const { latencies } = await deliver(pair, { orders, each: receivers, share: orders, send, watchLatency: true });
    return { ms: latencies[Math.floor((latencies.length - 1) * share)] };
  };
}

/** Resident memory for each of many idle connections. */
function idle(connectionsOf) {
  return async (pair, plan) => {
    const connections = connectionsOf(plan);
    await pair.open({ connections: Math.min(connections, WARM_UP_CONNECTIONS) });
    await pair.peers.order('close');
    const before = await residentBytes(pair);
    await pair.open({ connections });
    const kB = ((await residentBytes(pair)) - before) / connections / 1_000;
    await pair.peers.order('close');
    return { kB };
  };
}

/** As many connections as a process may have open files, less what it needs for itself. */
function mostConnections() {
  const [, limit] = /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(limit) - SPARE_FILES;
}

const memory = { unit: 'kB', metric: 'resident memory of the server for each connection', isFresh: true };
const startUp = {
  unit: 'ms',
  metric: 'server CPU until it listens',
  isFresh: true,
  /** Before anything connects. */
  run: async ({ server }) => ({ ms: server.cpuMs() }),
};

const inCrowd = { peers: 'crowd', unit: 'us', metric: 'server CPU for each delivery' };

/** @type {readonly object[]} each with the servers that take part, and the goals as ratios to the other servers */
export const LANES = [
  {
    name: 'single',
    title: 'one event, 1,000 receivers',
    ...inCrowd,
    goals: { stock: 0.7, ws: 1.05 },
    run: fanOut(1, 40),
  },
  {
    name: 'burst',
    title: '20 events in one turn, 1,000 receivers',
    ...inCrowd,
    goals: { stock: 0.15, ws: 0.2 },
    run: fanOut(20, 10),
  },
  {
    name: 'users',
    title: 'one event to each of 1,000 users',
    ...inCrowd,
    async run(pair, { receivers, scale }) {
      const orders = Math.max(1, Math.round(20 * scale));
      const send = () => pair.server.order('toUsers', { users: receivers, payload: PAYLOAD });
      return { us: (await deliver(pair, { orders, each: receivers, share: orders, send })).us };
    },
  },
  {
    name: 'rooms',
    title: 'one event to each of 100 rooms of 10',
    ...inCrowd,
    async run(pair, { receivers, scale }) {
      const orders = Math.max(1, Math.round(20 * scale));
      const rooms = Math.min(SMALL_ROOMS, receivers);
      const send = () => pair.server.order('toRooms', { rooms, payload: PAYLOAD });
      return { us: (await deliver(pair, { orders, each: receivers, share: orders, send })).us };
    },
  },
  {
    name: 'ack',
    title: 'ping and its acknowledgement',
    ...inCrowd,
    metric: 'server CPU for each round trip',
    goals: { stock: 0.9 },
    async run(pair, { receivers, scale }) {
      const times = Math.max(1, Math.round(20 * scale));
      return { us: await cpuPer(pair, receivers * times, () => pair.peers.order('ping', { times })) };
    },
  },
  {
    name: 'latency',
    title: 'one event every 50 ms, 1,000 receivers',
    ...inCrowd,
    unit: 'ms',
    metric: 'from emission to receiver, p50',
    run: latency(0.5),
  },
  {
    name: 'latency-p99',
    title: 'one event every 50 ms, 1,000 receivers',
    ...inCrowd,
    unit: 'ms',
    metric: 'from emission to receiver, p99',
    run: latency(0.99),
  },
  {
    name: 'polling',
    title: 'one event, 100 receivers by polling',
    ...inCrowd,
    servers: ['rtserver', 'stock'],
    peers: 'polling',
    async run(pair, { pollers, scale }) {
      const orders = Math.max(1, Math.round(20 * scale));
      const send = () => pair.server.order('toRoom', { room: 'crowd', events: 1, payload: PAYLOAD });
      return { us: (await deliver(pair, { orders, each: pollers, share: orders, send })).us };
    },
  },
  {
    name: 'connect',
    title: 'connect with a JWT',
    unit: 'us',
    metric: 'server CPU for each connection',
    goals: { stock: 0.75 },
    async run(pair, { connections }) {
      const us = await cpuPer(pair, connections, () => pair.open({ connections }));
      await pair.peers.order('close');
      await pause(PAUSE_MS);
      return { us };
    },
  },
  {
    name: 'disconnect',
    title: 'disconnect',
    unit: 'us',
    metric: 'server CPU for each connection',
    async run(pair, { connections }) {
      await pair.open({ connections });
      const us = await cpuPer(pair, connections, async () => {
        await pair.peers.order('close');
        await pause(PAUSE_MS);
      });
      return { us };
    },
  },
  { name: 'memory', title: 'an idle connection', ...memory, goals: { stock: 0.8 }, run: idle((plan) => plan.idle) },
  {
    name: 'memory-20000',
    title: 'an idle connection of 20,000, or as many as there may be open files',
    ...memory,
    goals: { stock: 0.8 },
    run: idle(({ most }) => Math.min(most, mostConnections())),
  },
  {
    name: 'http',
    title: 'POST /api/emit, nobody in the room',
    unit: 'us',
    metric: 'server CPU for each request',
    servers: ['rtserver', 'express'],
    goals: { express: 1.25 },
    async run(pair, { httpSeconds }) {
      const token = jwt.sign({ sub: 'admin', scope: 'admin' }, SECRET, { expiresIn: '1h' });
      const before = pair.server.cpuMs();
      const { requests, non2xx, errors } = await autocannon({
        url: `${pair.url}/api/emit`,
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ event: 'bench:http', payload: PAYLOAD, to: { rooms: ['nobody'] } }),
        connections: 10,
        duration: httpSeconds,
      });
      if (non2xx + errors > 0 || requests.total === 0) throw new Error(`${non2xx + errors} requests failed`);
      const us = ((pair.server.cpuMs() - before) * 1_000) / requests.total;
      return { us, requestsPerSecond: requests.average };
    },
  },
  { name: 'start', title: 'start-up', ...startUp },
  { name: 'start-redis', title: 'start-up with Redis', servers: ['rtserver', 'stock'], ...startUp, redis: true },
  {
    name: 'single-redis',
    title: 'one event, 1,000 receivers, with Redis',
    ...inCrowd,
    servers: ['rtserver', 'stock'],
    redis: true,
    goals: { stock: 0.7 },
    run: fanOut(1, 40),
  },
  {
    name: 'burst-redis',
    title: '20 events in one turn, 1,000 receivers, with Redis',
    ...inCrowd,
    servers: ['rtserver', 'stock'],
    redis: true,
    goals: { stock: 0.15 },
    run: fanOut(20, 10),
  },
];

async function residentBytes({ server }) {
  await pause(PAUSE_MS * 2);
  await server.order('collectGarbage');
  await pause(PAUSE_MS);
  return server.rssBytes();
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
