import { expect, test } from 'vitest';
import { startServer } from '../support/start-server.ts';

test.each([
  ['/healthz', {}, 200],
  ['/api/users', {}, 401],
  ['/api/nowhere', {}, 404],
  ['/socket.io/?EIO=4&transport=polling', {}, 200],
  ['/socket.io/?EIO=4&transport=polling&sid=unknown', {}, 400],
  ['/socket.io/?EIO=4&transport=polling', { origin: 'https://evil.example' }, 403],
] as const)('the answer of %s, to %j, cannot be framed, guessed at or kept', async (path, headers, status) => {
  const { url } = await startServer();
  const response = await fetch(new URL(path, url), { headers });
  expect(response.status).toBe(status);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  await response.arrayBuffer();
});
