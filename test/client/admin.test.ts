import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect, createAdminClient, RtError } from '../../src/client/index.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';

async function startBoth() {
  const started = await startServer();
  const asked: number[] = [];
  const token = async () => {
    asked.push(1);
    return started.adminToken;
  };
  return { ...started, asked, admin: createAdminClient({ url: `${started.url}/`, token }) };
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof RtError ? error : undefined),
  );

test('emits one event or a list, and lists who and what is there', async () => {
  const { url, token, admin, asked } = await startBoth();
  const socket = await connectClient(url, { token: token('42') });
  expect(await admin.emit({ event: 'x', payload: 1, to: { users: ['42'] } })).toEqual({ ok: true, recipients: 1 });
  expect(await admin.emit([{ event: 'x' }, { event: 'y', to: { users: ['43'] } }])).toEqual([
    { ok: true, recipients: 1 },
    { ok: true, recipients: 0 },
  ]);
  expect((await admin.sockets({ user: '42' })).items).toMatchObject([{ id: socket.id, userId: '42' }]);
  expect((await admin.rooms({ prefix: 'user:' })).items).toMatchObject([{ room: 'user:42' }]);
  expect((await admin.users()).items).toMatchObject([{ userId: '42', sockets: 1 }]);
  expect((await admin.refusals()).items).toEqual([]);
  expect((await admin.events()).items).toEqual([]);
  expect(await admin.stats()).toMatchObject({ limits: { connectionsPerUser: 3 } });
  expect(asked.length).toBe(8);
});

test('waits for acknowledgements longer than for anything else', async () => {
  const { url, token, adminToken } = await startBoth();
  const socket = await connectClient(url, { token: token('42') });
  socket.on('ask', (_, acknowledge) => void setTimeout(() => acknowledge('late'), 400));
  const hasty = createAdminClient({ url, token: adminToken, timeoutMs: 300 });
  const emission = { event: 'ask', to: { users: ['42'] }, ack: { timeoutMs: 30_000 } };
  expect(await hasty.emit(emission)).toMatchObject({ acks: [{ ok: true, value: 'late' }] });
});

test('kicks by user and by socket, also where a name has marks that a URL would take for its own', async () => {
  const { url, token, admin } = await startBoth();
  const user = 'a/b?c#d%2F é';
  const first = await connectClient(url, { token: token(user) });
  await connectClient(url, { token: token(user) });
  expect(await admin.kick({ socketId: first.ready.socketId })).toEqual({ ok: true, closed: 1 });
  expect(await admin.kick({ userId: user })).toEqual({ ok: true, closed: 1 });
});

test('creates and revokes sessions, and revokes tokens', async () => {
  const { url, token, admin } = await startBoth();
  const session = await admin.createSession({ userId: '42', ttlSeconds: 60, claims: { role: 'x' } });
  await connectClient(url, { token: session.token });
  expect(await admin.revokeSession({ token: session.token })).toMatchObject({ revoked: 1, closed: 1 });
  const jwt = token('42', { claims: { jti: 'one' } });
  await connectClient(url, { token: jwt });
  expect(await admin.revokeToken({ jti: 'one' })).toMatchObject({ closed: 1 });
  expect((await expectRefusal(url, { token: jwt })).data.code).toBe('TOKEN_REVOKED');
});

describe('rejects with the code of the answer:', () => {
  test('a problem, with its detail as the reason', async () => {
    const { url, token, admin } = await startBoth();
    const reserved = await errorOf(admin.emit({ event: 'connect' }));
    expect(reserved).toMatchObject({ code: 'EVENT_RESERVED', detail: { correlationId: expect.any(String) } });
    const invalid = await errorOf(admin.emit([{ event: '' }]));
    expect(invalid?.code).toBe('PAYLOAD_INVALID');
    expect(invalid?.detail['reason']).toEqual(expect.stringContaining('event'));
    const stranger = createAdminClient({ url, token: token('42') });
    expect(await errorOf(stranger.users())).toMatchObject({ code: 'FORBIDDEN' });
    expect(await errorOf(createAdminClient({ url, token: 'x' }).users())).toMatchObject({ code: 'SESSION_INVALID' });
  });

  test.for([
    [
      'no JSON',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>'),
      /200, text\/html/,
    ],
    ['an error of somebody else', (_, response) => void response.writeHead(502).end('bad gateway'), /502/],
    [
      'a way to elsewhere',
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1' }).end(),
      /302/,
    ],
    ['nothing in time', () => undefined, /within 200 ms/],
    ['a torn connection', (request) => void request.socket.destroy(), /127\.0\.0\.1/],
  ] as [string, RequestListener, RegExp][])('SERVER_UNREACHABLE for %s', async ([, listener, message]) => {
    const other = createServer(listener).listen(0, '127.0.0.1');
    onTestFinished(() => {
      other.close();
      other.closeAllConnections();
    });
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const error = await errorOf(createAdminClient({ url, token: 'x', timeoutMs: 200 }).users());
    expect(error?.code).toBe('SERVER_UNREACHABLE');
    expect(error?.message).toMatch(message);
  });
});

test('says what cannot be sent, without the token and without asking the server', async () => {
  const url = 'http://127.0.0.1:9';
  const broken = await errorOf(createAdminClient({ url, token: 'SECRET-1\nSECRET-2' }).users());
  expect(broken).toMatchObject({ code: 'TOKEN_INVALID', message: expect.stringContaining('line break') });
  expect(inspect(broken)).not.toContain('SECRET-');
  const unwritable = await errorOf(createAdminClient({ url, token: 'x' }).emit({ event: 'x', payload: 1n }));
  expect(unwritable).toMatchObject({
    code: 'PAYLOAD_INVALID',
    message: expect.stringContaining('BigInt'),
    retry: false,
  });
});

test.for(['rt.example?key=hunter2', '', 'ftp://rt.example'])('refuses the URL "%s", and does not repeat it', (url) => {
  for (const open of [() => connect(url), () => createAdminClient({ url, token: 'x' })]) {
    expect(open).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('hunter2') }),
    );
  }
});

describe('a URL with a password in it', () => {
  const url = 'http://ops:hunter2@127.0.0.1:9';

  test('is refused by the client of the API, which has tokens only, and not repeated', () => {
    expect(() => createAdminClient({ url, token: 'x' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('hunter2') }),
    );
  });

  test('is not repeated when nobody answers there', async () => {
    const client = connect(url, { token: 'x', reconnection: false });
    const error = await errorOf(client.ready);
    expect(error).toMatchObject({ code: 'SERVER_UNREACHABLE', message: expect.stringContaining('http://127.0.0.1:9') });
    expect(error?.message).not.toContain('hunter2');
  });
});
