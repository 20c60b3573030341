import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Log } from '../../src/contract/log-names.ts';
import { startWorkers } from '../../src/workers/primary.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { within } from '../support/until.ts';

/** Says its number to each client. The first one leaves the channel at once, and ends when its client says so. */
const PROGRAM = `
  process.on('message', (messages, socket) => {
    for (const { id, topic, body } of messages) {
      if (topic === 'look') process.send([{ id }]);
      if (topic === 'stop') process.exit(0);
      if (topic === undefined) {
        globalThis.number = body.number;
        process.send([{ topic: 'ready' }]);
      }
      if (topic !== 'connection') continue;
      socket.resume();
      if (number > 1) return socket.write(String(number));
      process.on('disconnect', () => socket.write('1'));
      socket.on('data', () => process.exit(0));
      process.disconnect();
    }
  });
  process.send([{ topic: 'join', id: 1 }]);
`;

test("a connection for a worker that is on its way out is the next one's", async () => {
  const program = join(tempFolder(), 'worker.cjs');
  writeFileSync(program, PROGRAM);
  const silent = { info() {}, warn() {}, error() {}, debug() {}, isDebug: () => false } as unknown as Log;
  const workers = await startWorkers({
    ...{ count: 1, program, taskFor: () => ({}), host: '127.0.0.1', port: 0, log: silent, onLine() {} },
    slots: { connectionsPerUser: 3, onExceeded: 'reject' },
    tables: { write: async () => {}, readAll: async () => ({}) } as never,
    stopWithinMs: 1_000,
  });
  onTestFinished(() => workers.kill());
  const client = () => {
    const socket = connect(workers.port, '127.0.0.1').setEncoding('utf8');
    onTestFinished(() => void socket.destroy());
    return { socket, answer: once(socket, 'data') };
  };
  const first = client();
  expect(await first.answer).toEqual(['1']);
  const second = client();
  await once(second.socket, 'connect');
  // It has been offered to the one that hears nothing any more.
  const third = client();
  await once(third.socket, 'connect');
  first.socket.write('end');
  for (const { answer } of [second, third]) {
    expect(await within(answer, 20_000, () => 'nobody has the connection')).toEqual(['2']);
  }
});
