import { Agent, request as requestHttp } from 'node:http';
import { expect, test } from 'vitest';
import { readMetric } from '../backplane/traffic.ts';
import { createFolder } from '../cli/place.ts';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { startCliServer } from '../support/run-cli.ts';
import { connectToBoth, pidOf, startWorkers, untilUpgraded, workerPids } from './start-workers.ts';

const json = async (response: Response) => (await response.json()) as Record<string, unknown>;
const withinMs = 40_000;
const CLIENTS = 40;

test('of 100 simultaneous connections of one user exactly 3 are let in', async () => {
  const { url, token } = await startWorkers();
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () => attemptConnection(url, { token: token('42'), withinMs })),
  );
  expect(outcomes.filter((outcome) => 'socket' in outcome)).toHaveLength(3);
  const refusals = outcomes.flatMap((outcome) => ('refusal' in outcome ? [outcome.refusal.data] : []));
  expect(refusals).toHaveLength(97);
  for (const data of refusals) expect(data).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED', limit: 3 });
});

test('the newest connection takes the place of the oldest, whichever worker has it', async () => {
  const server = await startWorkers({ limits: { connectionsPerUser: 2, onExceeded: 'replace-oldest' } });
  const connect = () => connectClient(server.url, { token: server.token('42') });
  const sockets = [await connect(), await connect()];
  for (const oldest of [0, 1, 2, 3]) {
    const closing = nextEvent(sockets[oldest] as (typeof sockets)[0], 'closing');
    sockets.push(await connect());
    expect(await closing).toMatchObject({ code: 'REPLACED' });
  }
});

test('events, acknowledgements, lists, kicks and figures are those of all workers', async () => {
  const server = await startWorkers();
  const [here, there] = await connectToBoth(server);
  const { request } = server;
  for (let round = 0; round < 4; round++) {
    const emitted = await request('/api/emit', { body: { event: 'note', payload: { round, empty: null } } });
    expect(await json(emitted)).toEqual({ ok: true, recipients: 2 });
    for (const socket of [here, there]) expect(await nextEvent(socket, 'note')).toEqual({ round, empty: null });
    const to = { sockets: [there.ready.socketId] };
    expect(await json(await request('/api/emit', { body: { event: 'own', payload: round, to } }))).toEqual({
      ok: true,
      recipients: 1,
    });
    expect(await nextEvent(there, 'own')).toBe(round);
  }
  there.on('ask', (_payload, answer) => answer('yes'));
  const { userId } = there.ready;
  const ask = { event: 'ask', to: { users: [userId] }, ack: { timeoutMs: 10_000 } };
  for (let round = 0; round < 2; round++) {
    expect(await json(await request('/api/emit', { body: ask }))).toMatchObject({
      acks: [{ ok: true, userId, value: 'yes' }],
    });
    const { items } = (await json(await request('/api/sockets'))) as { items: { userId: string }[] };
    expect(items.map((item) => item.userId).sort()).toEqual(['first', userId].sort());
  }
  const stats = await json(await request('/api/stats'));
  expect(stats['cluster']).toMatchObject({ nodes: [{ connections: 1 }, { connections: 1 }], missingNodes: 0 });
  // Each round two events and three deliveries, and twice a question to one.
  expect(await readMetric(server, 'rtserver_events_emitted_total')).toBe(10);
  expect(await readMetric(server, 'rtserver_deliveries_total')).toBe(14);
  const metrics = await (await request('/metrics')).text();
  for (const pid of workerPids(server.cli)) {
    expect(metrics).toMatch(new RegExp(`^rtserver_connections\\{node="[^"]*:${pid}"\\} 1$`, 'm'));
  }
  const closings = [here, there].map((socket) => nextEvent(socket, 'closing'));
  for (const user of ['first', userId]) {
    const kicked = await request(`/api/users/${user}/sockets`, { method: 'DELETE' });
    expect(await json(kicked)).toEqual({ ok: true, closed: 1 });
  }
  for (const closing of closings) expect(await closing).toMatchObject({ code: 'KICKED' });
});

test('a payload with bytes, or with a JSON form of its own, is the same from every worker', async () => {
  const folder = createFolder();
  folder.write(
    'rtserver.config.mjs',
    `import { defineModule, realtime } from 'rtserver';
     class Price { constructor(cents) { this.cents = cents; } toJSON() { return this.cents + ' ct'; } }
     const tell = () => realtime.emit('told', { bytes: Buffer.from([1, 2, 3]), price: new Price(5), none: undefined });
     export default { workers: 2, modules: [defineModule({ name: 'shop', handlers: { tell } })] };`,
  );
  const { url } = await startCliServer([], { cwd: folder.cwd });
  const token = (await folder.run(['token', '--user', '42'])).stdout.trim();
  const sockets = [await connectClient(url, { token }), await connectClient(url, { token })];
  for (const from of sockets) {
    from.emit('tell', {});
    for (const socket of sockets) {
      const told = await nextEvent<{ bytes: Buffer; price: string }>(socket, 'told');
      expect([...told.bytes]).toEqual([1, 2, 3]);
      expect(told.price).toBe('5 ct');
    }
  }
});

test('sessions and revocations hold on every worker, and after a restart', async () => {
  const server = await startWorkers();
  const body = { userId: '42', ttlSeconds: 600 };
  const { token } = (await json(await server.request('/api/sessions', { body }))) as { token: string };
  const sockets = await connectToBoth(server, { token });
  const closings = sockets.map((socket) => nextEvent(socket, 'closing'));
  const revoked = await server.request('/api/sessions/revoke', { body: { token } });
  expect(await json(revoked)).toEqual({ ok: true, revoked: 1, closed: 2 });
  for (const closing of closings) expect(await closing).toMatchObject({ code: 'SESSION_REVOKED' });
  const kept = (await json(await server.request('/api/sessions', { body }))) as { token: string };
  const before = server.token('43');
  await server.request('/api/tokens/revoke', { body: { userId: '43' } });
  await server.cli.stop();
  const { url } = await startCliServer([], { cwd: server.cli.cwd });
  await Promise.all([1, 2, 3].map(() => connectClient(url, { token: kept.token })));
  for (let attempt = 0; attempt < 2; attempt++) {
    expect(await attemptConnection(url, { token: before })).toMatchObject({
      refusal: { data: { code: 'TOKEN_REVOKED' } },
    });
  }
});

test.each([[['polling']], [['polling', 'websocket']]])(
  'clients with %j come through the one port',
  async (transports) => {
    const server = await startWorkers();
    const sockets = await Promise.all(
      Array.from({ length: CLIENTS }, (_, at) =>
        connectClient(server.url, { token: server.token(`user-${at}`), transports, withinMs }),
      ),
    );
    expect(new Set(await Promise.all(sockets.map((socket) => pidOf(server, socket))))).toHaveLength(2);
    if (transports.includes('websocket')) await Promise.all(sockets.map(untilUpgraded));
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(sockets.map((socket) => socket.timeout(withinMs).emitWithAck('ping')));
      for (const answer of answers) expect(answer).toMatchObject({ ok: true });
      const emitted = await server.request('/api/emit', { body: { event: 'note', payload: round } });
      expect(await json(emitted)).toEqual({ ok: true, recipients: CLIENTS });
      for (const socket of sockets) expect(await nextEvent(socket, 'note', { withinMs })).toBe(round);
    }
    expect(sockets.every(({ connected }) => connected)).toBe(true);
  },
);

test('requests of many polling clients on one TCP connection, as proxies send them, reach their sessions', async () => {
  const { url, token } = await startWorkers();
  const proxied = new Agent({ keepAlive: true, maxSockets: 1 });
  const path = '/socket.io/?EIO=4&transport=polling';
  const sids: string[] = [];
  for (let client = 0; client < 6; client++) {
    const { text } = await send(`${url}${path}`, { agent: false });
    sids.push((JSON.parse(text.slice(1)) as { sid: string }).sid);
  }
  expect(new Set(sids.map((sid) => sid.split('-')[0]))).toEqual(new Set(['1', '2']));
  for (const [at, sid] of sids.entries()) {
    const session = `${url}${path}&sid=${sid}`;
    const body = `40${JSON.stringify({ token: token(`user-${at}`) })}`;
    expect(await send(session, { agent: proxied, body })).toMatchObject({ status: 200, text: 'ok' });
    const { status, text } = await send(session, { agent: proxied });
    expect({ status, text }).toEqual({ status: 200, text: expect.stringMatching(/^40\{"sid":/) });
  }
  for (const sid of ['99-AAAAAAAAAAAAAAAAAAAA', '1-AAAAAAAAAAAAAAAAAAAA', '2-AAAAAAAAAAAAAAAAAAAA', 'x']) {
    const { status, text } = await send(`${url}${path}&sid=${sid}`, { agent: proxied });
    expect({ status, text }).toEqual({ status: 400, text: '{"code":1,"message":"Session ID unknown"}' });
  }
  proxied.destroy();
});

function send(url: string, { agent, body }: { agent: Agent | false; body?: string }) {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const request = requestHttp(url, { agent, method: body === undefined ? 'GET' : 'POST' }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
