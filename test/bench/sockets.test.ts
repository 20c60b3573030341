import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import { nextMessage, startControl } from '../../src/bench/control.ts';
import { measureAcks, measureConnections, measureFanOut } from '../../src/bench/sockets.ts';
import type { Subject } from '../../src/bench/subject.ts';

/** Bare Socket.IO that sends the first event of a batch so often, and the last not at all where it was more than once. */
async function startSubject(times: number): Promise<Subject> {
  const http = createServer();
  const io = new Server(http);
  io.on('connection', (socket) => {
    socket.on('ping', (...args) => args.at(-1)({ ok: true }));
    socket.on('room:join', ({ room }, ack) => {
      void socket.join(room);
      ack({ ok: true });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => io.close());
  return {
    ...{ name: 'socket.io', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, path: '/socket.io' },
    ...{ eventsPerSecond: Number.POSITIVE_INFINITY, connectionsPerUser: Number.POSITIVE_INFINITY },
    authOf: () => undefined,
    publish: async (events) => {
      const all =
        times === 1 ? events : [...Array.from({ length: times - 1 }, () => events[0]), ...events.slice(0, -1)];
      for (const each of all) if (each !== undefined) io.to('bench').emit(each.event, each.payload);
    },
  };
}

const HOUR_MS = 3_600_000;

test('an event that comes twice does not make up for one that does not come', async () => {
  const subject = await startSubject(2);
  const stop = new AbortController();
  const plan = { sockets: 2, durationMs: HOUR_MS, signal: stop.signal };
  const { wires } = await measureConnections(subject, plan);
  // Nothing is said of what is missing before its time is up: enough is known as soon as all of this has come.
  let seen = 0;
  for (const wire of wires) {
    wire.onEvent(({ event }) => {
      seen += event === 'bench:fan-out' ? 1 : 0;
      if (seen === 2 * 10) stop.abort();
    });
  }
  const row = await measureFanOut(subject, wires, plan);
  await Promise.all(wires.map((wire) => wire.close()));
  expect(row).toMatchObject({ count: 2 * 9, errors: 2, example: 'event 1 of round 1 came twice to one socket' });
});

test('a measurement ends when it is told to', async () => {
  const subject = await startSubject(1);
  const stop = new AbortController();
  const plan = { sockets: 2, durationMs: HOUR_MS, signal: stop.signal };
  const { wires } = await measureConnections(subject, plan);
  const both = Promise.all([measureAcks(subject, wires, plan), measureFanOut(subject, wires, plan)]);
  const [first] = wires;
  await first?.next('bench:fan-out');
  stop.abort();
  const rows = await both;
  await Promise.all(wires.map((wire) => wire.close()));
  expect(rows.map(({ errors }) => errors)).toEqual([0, 0]);
  expect((await measureConnections(subject, plan)).row.count).toBe(0);
});

test('a control that ends without a word is an error, and not waited for', async () => {
  const child = spawn(process.execPath, ['--eval', 'process.exit(7)'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await expect(nextMessage(child)).rejects.toThrow('the control ended with 7');
});

test('a control that has ended can be closed all the same', async () => {
  const { subject, close } = await startControl();
  onTestFinished(close);
  await expect(subject.publish([null as never])).rejects.toThrow('the control ended with 1');
  await close();
});
