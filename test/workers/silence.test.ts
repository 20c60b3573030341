import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Log, LogFields } from '../../src/contract/log-names.ts';
import { startWorkers as startPrimary } from '../../src/workers/primary.ts';
import { connectClient } from '../support/connect.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { logLines, pidOf, startWorkers, workerPids } from './start-workers.ts';

const withinMs = 60_000;

test('a worker that stands still is named in the log, and nobody is sent there until it answers', {
  timeout: 240_000,
}, async () => {
  const server = await startWorkers();
  const { cli, url, token } = server;
  const [stopped = 0, other = 0] = workerPids(cli);
  process.kill(stopped, 'SIGSTOP');
  onTestFinished(() => void process.kill(stopped, 'SIGCONT'));
  const silent = JSON.parse(await cli.waitForLine('"worker.silent"', { withinMs })) as object;
  expect(silent).toMatchObject({ level: 40, pid: stopped, silentMs: expect.any(Number) });
  const sockets = [];
  for (let at = 0; at < 6; at++) sockets.push(await connectClient(url, { token: token(`user-${at}`), withinMs }));
  const accepted = logLines(cli).filter(({ msg }) => msg === 'connection.accepted');
  expect(new Set(accepted.map(({ worker }) => worker)).size).toBe(1);
  process.kill(stopped, 'SIGCONT');
  await cli.waitForLine((line) => line.includes('"worker.answered"') && line.includes(`"pid":${stopped}`), {
    withinMs,
  });
  const pids = new Set<number>();
  await until(
    async () => {
      const socket = await connectClient(url, { token: token('late'), withinMs });
      pids.add(await pidOf(server, socket));
      socket.disconnect();
      return pids.has(stopped) && pids.has(other);
    },
    { withinMs },
  );
  expect(logLines(cli).filter(({ msg }) => msg === 'worker.ended')).toEqual([]);
});

/** Says its number to each client. */
const PROGRAM = `
  process.on('message', (messages, socket) => {
    for (const { id, topic, body } of messages) {
      if (topic === 'look') process.send([{ id }]);
      if (topic === 'stop') process.exit(0);
      if (topic === 'connection') socket.end(String(globalThis.number));
      if (topic !== undefined) continue;
      globalThis.number = body.number;
      process.send([{ topic: 'ready' }]);
    }
  });
  process.send([{ topic: 'join', id: 1 }]);
`;

test('a worker that does not answer any more is ended, with the reason in the log, and replaced', {
  timeout: 240_000,
}, async () => {
  const program = join(tempFolder(), 'worker.cjs');
  writeFileSync(program, PROGRAM);
  const lines: ({ msg: string } & LogFields)[] = [];
  const note = (msg: string, fields: LogFields) => void lines.push({ msg, ...fields });
  const log = { info: note, warn: note, error: note, debug() {}, isInfo: () => true, isDebug: () => false } as Log;
  const find = (name: string) => lines.find(({ msg }) => msg === name);
  const workers = await startPrimary({
    ...{ count: 1, program, taskFor: () => ({}), host: '127.0.0.1', port: 0, log, onLine() {}, lookMs: 2_000 },
    slots: { connectionsPerUser: 3, onExceeded: 'reject' },
    tables: { write: async () => {}, readAll: async () => ({}) },
    stopWithinMs: 1_000,
  });
  onTestFinished(() => workers.kill());
  const started = await until(() => find('worker.started'), { withinMs });
  const pid = started['pid'] as number;
  process.kill(pid, 'SIGSTOP');
  await until(() => find('worker.silent'), { withinMs });
  // It waits for the next one.
  const client = connect(workers.port, '127.0.0.1').setEncoding('utf8');
  onTestFinished(() => void client.destroy());
  expect(await once(client, 'data')).toEqual(['2']);
  expect(find('worker.ended')).toMatchObject({
    ...{ worker: 1, pid, signal: 'SIGKILL' },
    reason: expect.stringMatching(/^it did not answer for \d+ s$/),
  });
});
