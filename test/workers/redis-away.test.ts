import { describe, expect, test } from 'vitest';
import type { BuiltServer } from '../hardening/built-server.ts';
import { attemptConnection, connectClient, expectRefusal } from '../support/connect.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { logLines, startWorkers, workerPids } from './start-workers.ts';

const withinMs = 60_000;
const timeout = 240_000;

/** A connection of this worker: connections go to each in turn. */
async function connectTo(server: BuiltServer, worker: number, options: { token: string }) {
  return until(
    async () => {
      const outcome = await attemptConnection(server.url, { ...options, withinMs });
      if ('refusal' in outcome) throw new Error(outcome.refusal.message);
      const { socket } = outcome;
      const isAccepted = ({ msg, socketId }: { msg: string; socketId?: unknown }) =>
        msg === 'connection.accepted' && socketId === socket.ready.socketId;
      const line = await until(() => logLines(server.cli).find(isAccepted), { withinMs });
      if (line.worker === worker) return socket;
      socket.disconnect();
      return undefined;
    },
    { withinMs, what: `a connection of worker ${worker}` },
  );
}

/** What each of so many connections in a row is told: each goes to another worker. */
async function askEach(server: BuiltServer, path: string, times: number) {
  const answers: { status: number; body: Record<string, unknown> }[] = [];
  for (let time = 0; time < times; time++) {
    const response = await fetch(new URL(path, server.url), { headers: { connection: 'close' } });
    answers.push({ status: response.status, body: (await response.json()) as Record<string, unknown> });
  }
  return answers;
}

async function untilAllAlone(server: BuiltServer): Promise<void> {
  await until(async () => (await askEach(server, '/readyz', 4)).every(({ body }) => body['status'] === 'alone'), {
    withinMs,
    what: 'all workers are alone',
  });
}

async function untilServing(server: BuiltServer, worker: number): Promise<void> {
  await server.cli.waitForLine((line) => line.includes('"worker.started"') && line.includes(`"worker":${worker},`), {
    withinMs,
  });
}

/** Kills this worker: they start in any order. */
function killWorker({ cli }: BuiltServer, number: number): void {
  const started = logLines(cli).find(({ msg, worker }) => msg === 'worker.started' && worker === number);
  if (started?.pid === undefined) throw new Error(`worker ${number} has not started`);
  process.kill(started.pid, 'SIGKILL');
}

describe.skipIf(isToolMissing('redis-server'))('while Redis is away', () => {
  test('a worker that is killed is replaced by one that serves alone, and joins when Redis is back', {
    timeout,
  }, async () => {
    const redis = await startRedis();
    const server = await startWorkers({ redis: { url: redis.url }, limits: { connectionsPerUser: 2 } });
    const body = { userId: '42', ttlSeconds: 600 };
    const { token } = (await (await server.request('/api/sessions', { body })).json()) as { token: string };
    const revoked = server.token('43');
    expect((await server.request('/api/tokens/revoke', { body: { userId: '43' } })).status).toBe(200);

    await redis.stop();
    await untilAllAlone(server);
    killWorker(server, 1);
    await untilServing(server, 3);
    const session = await connectTo(server, 3, { token });
    expect(await session.emitWithAck('ping')).toMatchObject({ ok: true });
    await untilAllAlone(server);
    for (const { status, body: said } of await askEach(server, '/readyz', 4)) {
      expect({ status, said }).toEqual({
        status: 503,
        said: { status: 'alone', reason: expect.stringContaining('ECONNREFUSED') },
      });
    }
    for (const { status, body: said } of await askEach(server, '/readyz?alone=ok', 4)) {
      expect({ status, said }).toMatchObject({ status: 200, said: { status: 'alone' } });
    }
    // Each of the two has been asked: connections in a row go to both.
    for (let attempt = 0; attempt < 4; attempt++) {
      expect((await expectRefusal(server.url, { token: revoked, withinMs })).data.code).toBe('TOKEN_REVOKED');
    }

    await redis.restart();
    await until(async () => (await askEach(server, '/readyz', 6)).every(({ status }) => status === 200), { withinMs });
    const other = await connectTo(server, 2, { token: server.token('42') });
    const emitted = await server.request('/api/emit', { body: { event: 'note', payload: 1 } });
    expect(await emitted.json()).toEqual({ ok: true, recipients: 2 });
    for (const socket of [session, other]) expect(await nextEvent(socket, 'note')).toBe(1);
    for (let attempt = 0; attempt < 4; attempt++) {
      expect((await expectRefusal(server.url, { token: server.token('42'), withinMs })).data).toMatchObject({
        code: 'MAX_CONNECTIONS_EXCEEDED',
        current: 2,
      });
    }
  });

  test('workers of which none is left to say what is revoked let nobody in until Redis is back', {
    timeout,
  }, async () => {
    const redis = await startRedis();
    const server = await startWorkers({ redis: { url: redis.url } });
    const jwt = server.token('42');
    await redis.stop();
    for (const pid of workerPids(server.cli)) process.kill(pid, 'SIGKILL');
    for (const worker of [3, 4]) await untilServing(server, worker);
    const { data } = await expectRefusal(server.url, { token: jwt, withinMs });
    expect(data).toMatchObject({ code: 'STORE_UNAVAILABLE', retry: true });
    for (const { status } of await askEach(server, '/readyz?alone=ok', 2)) expect(status).toBe(503);
    for (const { status } of await askEach(server, '/healthz', 2)) expect(status).toBe(200);
    await redis.restart();
    await until(async () => (await askEach(server, '/readyz', 4)).every(({ status }) => status === 200), { withinMs });
    expect((await connectClient(server.url, { token: jwt, withinMs })).connected).toBe(true);
  });
});
