import { describe, expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { expectNoEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

const POSTS = ['/api/emit', '/api/sessions', '/api/sessions/revoke', '/api/tokens/revoke'];

async function startRaw() {
  const started = await startServer();
  const send = async (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const response = await fetch(new URL(path, started.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${started.adminToken}`, 'content-type': 'application/json', ...headers },
      body: body as NonNullable<RequestInit['body']>,
    });
    return { status: response.status, problem: (await response.json()) as Record<string, unknown> };
  };
  return { ...started, send };
}

const nest = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe.each(POSTS)('POST %s', (path) => {
  test.each([
    ['an empty body', '', 400],
    ['broken JSON', '{"event":', 400],
    ['text', '"text"', 400],
    ['null', 'null', 400],
    ['a number', '42', 400],
    ['true', 'true', 400],
    ['an empty object', '{}', 400],
    ['an empty list', '[]', 400],
    ['a list of lists', '[[]]', 400],
    ['an unknown key', '{"event":"x","userId":"42","ttlSeconds":1,"surprise":1}', 400],
    ['__proto__', '{"__proto__":{"event":"x","userId":"42","token":"x","jti":"x","ttlSeconds":1}}', 400],
    ['constructor', '{"constructor":{"prototype":{"event":"x"}}}', 400],
    ['deep nesting', nest(50_000), 400],
    ['2 MiB', `"${'x'.repeat(2 * 1_048_576)}"`, 413],
  ])('answers %s with a problem', async (_name, body, status) => {
    const { send, logs } = await startRaw();
    const answer = await send(path, body);
    expect(answer.status).toBe(status);
    expect(answer.problem).toMatchObject({ status, code: 'PAYLOAD_INVALID', correlationId: expect.any(String) });
    expect(logs.lines.filter(({ level }) => level > 40)).toEqual([]);
  });

  test.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/octet-stream', {}],
    ['application/json; charset=x-unknown', {}],
    ['application/json', { 'content-encoding': 'zstd' }],
  ])('refuses the content type %s %j with 415', async (type, headers) => {
    const { send } = await startRaw();
    const answer = await send(path, '{"event":"x"}', { 'content-type': type, ...headers });
    expect(answer.status).toBe(415);
    expect(answer.problem).toMatchObject({ status: 415, code: 'PAYLOAD_INVALID' });
  });

  test('refuses a body that is not the gzip it says', async () => {
    const { send } = await startRaw();
    expect((await send(path, 'not gzip', { 'content-encoding': 'gzip' })).status).toBe(400);
  });

  test('refuses a small body that grows beyond the limit', async () => {
    const { gzipSync } = await import('node:zlib');
    const { send } = await startRaw();
    const bomb = gzipSync(`"${'x'.repeat(20 * 1_048_576)}"`);
    expect((await send(path, bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
  });
});

describe('POST /api/emit', () => {
  test.each([
    [{ event: 42 }],
    [{ event: '' }],
    [{ event: null, payload: 1 }],
    [{ event: 'x', to: 'everyone' }],
    [{ event: 'x', to: {} }],
    [{ event: 'x', to: { users: '42' } }],
    [{ event: 'x', to: { users: [42] } }],
    [{ event: 'x', to: { users: [''] } }],
    [{ event: 'x', to: { everybody: true } }],
    [{ event: 'x', except: 7 }],
    [{ event: 'x', ack: true }],
    [{ event: 'x', ack: { timeoutMs: 0 } }],
    [{ event: 'x', ack: { timeoutMs: '5s' } }],
    [{ event: 'x', ack: { timeoutMs: 1e12 } }],
    [[{ event: 'x' }, { event: 7 }]],
    [Array.from({ length: 1_001 }, () => ({ event: 'x' }))],
  ])('refuses %j and sends nothing', async (body) => {
    const { url, token, request } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const response = await request('/api/emit', { body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'PAYLOAD_INVALID' });
    await expectNoEvent(socket, 'x');
  });

  test('answers a payload nested too deep to be sent with a problem, not with 500', async () => {
    const { send, url, token } = await startRaw();
    await connectClient(url, { token: token('42') });
    for (const ack of ['', ',"ack":{"timeoutMs":100}']) {
      const { status } = await send('/api/emit', `{"event":"x","payload":${nest(100_000)}${ack}}`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });
});

test.each([
  ['/api/sessions', { userId: '', ttlSeconds: 60 }],
  ['/api/sessions', { userId: 'x'.repeat(129), ttlSeconds: 60 }],
  ['/api/sessions', { userId: 42, ttlSeconds: 60 }],
  ['/api/sessions', { userId: '42' }],
  ['/api/sessions', { userId: '42', ttlSeconds: 0 }],
  ['/api/sessions', { userId: '42', ttlSeconds: -1 }],
  ['/api/sessions', { userId: '42', ttlSeconds: '60' }],
  ['/api/sessions', { userId: '42', ttlSeconds: 1e300 }],
  ['/api/sessions', { userId: '42', ttlSeconds: 60, claims: [] }],
  ['/api/sessions/revoke', { token: 'x', userId: '42' }],
  ['/api/sessions/revoke', { token: '' }],
  ['/api/sessions/revoke', { userId: 42 }],
  ['/api/tokens/revoke', { jti: 'x', userId: '42' }],
  ['/api/tokens/revoke', { jti: 7 }],
])('refuses POST %s %j', async (path, body) => {
  const { request } = await startServer();
  const response = await request(path, { body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'PAYLOAD_INVALID', detail: expect.any(String) });
});

test.each([
  '/api/sockets?limit=0',
  '/api/sockets?limit=1001',
  '/api/sockets?limit=abc',
  '/api/sockets?limit=1.5',
  '/api/sockets?limit=',
  '/api/sockets?limit=1&limit=2',
  '/api/sockets?usr=42',
  '/api/sockets?user=1&user=2',
  '/api/rooms?room=x',
  '/api/rooms?limit[]=1',
  '/api/users?__proto__=1',
  '/api/users?user=42',
  '/api/sockets?cursor=garbage',
  '/api/sockets?cursor=sockets.*',
  '/api/sockets?cursor=users.NDI',
  '/api/rooms?cursor=lobby',
  '/api/rooms?cursor=',
  '/api/users?cursor=42',
  '/api/refusals?cursor=abc',
  '/api/refusals?cursor=-1',
])('refuses GET %s', async (path) => {
  const { request } = await startServer();
  const response = await request(path);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'PAYLOAD_INVALID' });
});

test.each(['/api/sockets/%zz', '/api/users/%E0%A4%A/sockets'])('refuses DELETE %s', async (path) => {
  const { request } = await startServer();
  const response = await request(path, { method: 'DELETE' });
  expect(response.status).toBe(400);
});
