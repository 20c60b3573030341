import { describe, expect, test } from 'vitest';
import { startServer } from '../support/start-server.ts';

const ROUTES: readonly [method: string, path: string][] = [
  ['POST', '/api/emit'],
  ['GET', '/api/sockets'],
  ['GET', '/api/rooms'],
  ['GET', '/api/users'],
  ['GET', '/api/refusals'],
  ['GET', '/api/stats'],
  ['GET', '/api/events'],
  ['DELETE', '/api/sockets/x'],
  ['DELETE', '/api/users/x/sockets'],
  ['POST', '/api/sessions'],
  ['POST', '/api/sessions/revoke'],
  ['POST', '/api/tokens/revoke'],
];

describe.each(ROUTES)('%s %s', (method, path) => {
  test('is for administrators only', async () => {
    const { url, token, logs } = await startServer();
    const call = (headers: Record<string, string>) => fetch(new URL(path, url), { method, headers });
    const cases: [headers: Record<string, string>, status: number, code: string][] = [
      [{}, 401, 'UNAUTHENTICATED'],
      [{ authorization: 'Basic YTpi' }, 401, 'UNAUTHENTICATED'],
      [{ authorization: 'Bearer' }, 401, 'UNAUTHENTICATED'],
      [{ authorization: 'Bearer a.b.c' }, 401, 'TOKEN_INVALID'],
      [{ authorization: 'Bearer sess_x' }, 401, 'SESSION_INVALID'],
      [{ authorization: `Bearer ${token('42', { expiresInMs: -60_000 })}` }, 401, 'TOKEN_EXPIRED'],
      [{ authorization: `Bearer ${token('42')}` }, 403, 'FORBIDDEN'],
      [{ authorization: `Bearer ${token('42', { claims: { scope: 'administrator admins' } })}` }, 403, 'FORBIDDEN'],
      [{ authorization: `Bearer ${token('42', { claims: { scope: { admin: true } } })}` }, 403, 'FORBIDDEN'],
      [{ cookie: `rtserver.sid=${token('42', { claims: { scope: 'admin' } })}` }, 401, 'UNAUTHENTICATED'],
    ];
    for (const [headers, status, code] of cases) {
      const response = await call(headers);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
      const problem = (await response.json()) as Record<string, unknown>;
      expect(problem).toMatchObject({
        type: expect.any(String),
        title: expect.any(String),
        status,
        code,
        detail: expect.any(String),
        correlationId: response.headers.get('x-correlation-id'),
      });
      await logs.next('request.failed', { match: (line) => line['correlationId'] === problem['correlationId'] });
    }
  });
});

test('the scope is words separated by spaces, or a list', async () => {
  const { token, request } = await startServer();
  for (const scope of ['admin', 'read admin write', ['read', 'admin']]) {
    expect((await request('/api/users', { token: token('42', { claims: { scope } }) })).status).toBe(200);
  }
});

test('a session with the scope is as good', async () => {
  const { request } = await startServer();
  const body = { userId: 'robot', ttlSeconds: 60, claims: { scope: 'admin' } };
  const { token } = (await (await request('/api/sessions', { body })).json()) as { token: string };
  expect((await request('/api/users', { token })).status).toBe(200);
});

test('the correlation id of the client comes back', async () => {
  const { url } = await startServer();
  const response = await fetch(new URL('/api/users', url), { headers: { 'x-correlation-id': 'job-9' } });
  expect(response.headers.get('x-correlation-id')).toBe('job-9');
  expect(await response.json()).toMatchObject({ correlationId: 'job-9' });
});

test.each([
  ['GET', '/'],
  ['GET', '/api'],
  ['GET', '/api/nothing'],
  ['GET', '/API/none'],
  ['POST', '/healthz'],
  ['DELETE', '/metrics'],
])('%s %s is 404 NOT_FOUND', async (method, path) => {
  const { url } = await startServer();
  const response = await fetch(new URL(path, url), { method });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
});

test.each([
  ['GET', '/api/emit'],
  ['PUT', '/api/emit'],
  ['POST', '/api/sockets'],
  ['DELETE', '/api/sockets'],
  ['GET', '/api/sessions'],
])('%s %s is 404 NOT_FOUND for an administrator', async (method, path) => {
  const { request } = await startServer();
  const response = await request(path, { method });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' });
});

test('health, readiness and metrics are open to all', async () => {
  const { url } = await startServer();
  expect(await (await fetch(new URL('/healthz', url))).json()).toMatchObject({ status: 'ok' });
  expect(await (await fetch(new URL('/readyz', url))).json()).toMatchObject({ status: 'ready' });
  expect((await fetch(new URL('/readyz?_=1', url))).status).toBe(200);
  expect((await fetch(new URL('/metrics', url))).headers.get('content-type')).toContain('text/plain');
});
