import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { disconnected, nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

describe('revoking by jti', () => {
  test('ends the sockets of that token and no others', async () => {
    const { url, token, request, logs } = await startServer();
    const revoked = token('42', { claims: { jti: 'one' } });
    const [socket, second, other] = await Promise.all([
      connectClient(url, { token: revoked }),
      connectClient(url, { token: revoked, transports: ['polling'] }),
      connectClient(url, { token: token('42', { claims: { jti: 'two' } }) }),
    ]);
    const response = await request('/api/tokens/revoke', { body: { jti: 'one' } });
    expect([response.status, await response.json()]).toEqual([200, { ok: true, closed: 2 }]);
    for (const gone of [socket, second]) {
      const closing = await nextEvent<Record<string, unknown>>(gone, 'closing');
      expect(closing).toMatchObject({ code: 'TOKEN_REVOKED', message: 'Token revoked', retry: false });
      await logs.next('connection.closed', {
        match: (line) => line['correlationId'] === closing['correlationId'] && line['code'] === 'TOKEN_REVOKED',
      });
      await disconnected(gone);
    }
    expect(await other.emitWithAck('ping')).toMatchObject({ ok: true });
    expect((await expectRefusal(url, { token: revoked })).data.code).toBe('TOKEN_REVOKED');
  });

  test('holds for the HTTP API too', async () => {
    const { token, request } = await startServer();
    const admin = token('admin', { claims: { jti: 'admin-token', scope: 'admin' } });
    expect((await request('/api/users', { token: admin })).status).toBe(200);
    await request('/api/tokens/revoke', { body: { jti: 'admin-token' } });
    const response = await request('/api/users', { token: admin });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'TOKEN_REVOKED' });
  });
});

describe('revoking by user', () => {
  test('ends what was issued until now, and lets in what is issued later', async () => {
    const { url, token, request } = await startServer();
    const old = token('42');
    const socket = await connectClient(url, { token: old });
    const neighbour = await connectClient(url, { token: token('43') });
    expect(await (await request('/api/tokens/revoke', { body: { userId: '42' } })).json()).toEqual({
      ok: true,
      closed: 1,
    });
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'TOKEN_REVOKED' });
    expect((await expectRefusal(url, { token: old })).data.code).toBe('TOKEN_REVOKED');
    expect(await neighbour.emitWithAck('ping')).toMatchObject({ ok: true });
    const later = token('42', { claims: { iat: Date.now() / 1_000 + 1 } });
    expect((await connectClient(url, { token: later })).ready.userId).toBe('42');
  });

  test('refuses tokens that do not say when they were issued', async () => {
    const { url, token, request, secret } = await startServer();
    const undated = jwt.sign({ sub: '42' }, secret, { noTimestamp: true });
    expect((await connectClient(url, { token: undated })).ready.userId).toBe('42');
    await request('/api/tokens/revoke', { body: { userId: '42' } });
    expect((await expectRefusal(url, { token: undated })).data.code).toBe('TOKEN_REVOKED');
    expect((await connectClient(url, { token: token('43') })).ready.userId).toBe('43');
  });

  test('leaves the sessions of the user alone', async () => {
    const { url, request } = await startServer();
    const created = await request('/api/sessions', { body: { userId: '42', ttlSeconds: 60 } });
    const { token } = (await created.json()) as { token: string };
    const socket = await connectClient(url, { token });
    await request('/api/tokens/revoke', { body: { userId: '42' } });
    expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
  });
});

test('a token that was revoked cannot refresh a connection', async () => {
  const { url, token, request } = await startServer();
  const socket = await connectClient(url, { token: token('42', { claims: { jti: 'one' } }) });
  await request('/api/tokens/revoke', { body: { jti: 'two' } });
  const refreshed = await socket.emitWithAck('auth:refresh', { token: token('42', { claims: { jti: 'two' } }) });
  expect(refreshed).toMatchObject({ ok: false, error: { code: 'TOKEN_REVOKED' } });
  expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
});
