import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { bufferedBytes } from '../../src/core/buffered.ts';
import type { Connection, RtServer, RtSocket } from '../../src/core/connection.ts';
import { watchSlowConsumers } from '../../src/core/slow-consumers.ts';
import { fill, tcpOf } from '../support/crowd.ts';
import { startPlainServer } from '../support/plain-server.ts';
import { until } from '../support/until.ts';

const LIMIT_BYTES = 10_000;
const LIMITS = { bufferedBytes: LIMIT_BYTES };

test('a client that is over the limit whenever it is looked at, but takes what waits, is not slow; one that stops is', async () => {
  const { io, client, socket } = await startPlainServer();
  const connection = { socket: socket as unknown as RtSocket } as Connection;
  const found: Connection[] = [];
  let time = 0;
  let looks = 0;
  const clock = () => {
    looks += 1;
    return time;
  };
  const watch = watchSlowConsumers(io, { all: () => [connection] }, LIMITS, (slow) => found.push(slow), clock);
  onTestFinished(watch.close);
  const look = async () => {
    const before = looks;
    await until(() => looks > before, { what: 'the next look' });
  };
  const waiting = () => bufferedBytes(connection.socket);
  const stopReading = async () => {
    client.pause();
    const text = 'x'.repeat(50_000);
    await fill(tcpOf(socket), () => io.emit('filler', text));
    io.emit('filler', text);
    expect(waiting()).toBeGreaterThan(LIMIT_BYTES);
    await look();
  };

  for (let second = 0; second < 4; second += 1) {
    await stopReading();
    expect(watch.slow).toBe(1);
    client.resume();
    await until(() => waiting() === 0, { what: 'all is taken' });
    time += 900;
  }
  expect(found).toEqual([]);
  await stopReading();
  time += 1_000;
  await look();
  expect(found).toEqual([connection]);
});

test('thousands are looked at in parts, with the events of others between', async () => {
  const COUNT = 3_500;
  let looked = 0;
  let lookedInBetween = COUNT;
  const conn = {
    get readyState() {
      if (looked === 0) setImmediate(() => (lookedInBetween = looked));
      looked += 1;
      return 'open';
    },
    transport: { writable: true },
    writeBuffer: [],
  };
  const clients = Object.fromEntries(Array.from({ length: COUNT }, (_, number) => [number, conn]));
  // One object for all would be one transport.
  for (const id of Object.keys(clients)) clients[id] = Object.create(conn);
  const io = { engine: Object.assign(new EventEmitter(), { clients }) } as unknown as RtServer;
  const watch = watchSlowConsumers(io, { all: () => [] }, LIMITS, () => {});
  onTestFinished(watch.close);
  await until(() => looked === COUNT, { what: 'all are looked at' });
  expect(lookedInBetween).toBeLessThan(COUNT);
});
