import { describe, expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';

async function startWithSession() {
  const started = await startServer();
  const response = await started.request('/api/sessions', { body: { userId: 'by-session', ttlSeconds: 60 } });
  const { token: session } = (await response.json()) as { token: string };
  return { ...started, session };
}

describe('the place of the credentials', () => {
  test('is auth.token, the bearer header or the cookie', async () => {
    const { url, token, session } = await startWithSession();
    const byAuth = await connectClient(url, { token: token('42') });
    const byBearer = await connectClient(url, { extraHeaders: { authorization: `Bearer ${token('43')}` } });
    const byCookie = await connectClient(url, { extraHeaders: { cookie: `a=1; rtserver.sid=${session}; b=2` } });
    expect([byAuth, byBearer, byCookie].map(({ ready }) => ready.userId)).toEqual(['42', '43', 'by-session']);
  });

  test('takes either kind of token anywhere', async () => {
    const { url, token, session } = await startWithSession();
    const sockets = await Promise.all([
      connectClient(url, { token: session }),
      connectClient(url, { extraHeaders: { authorization: `Bearer ${session}` } }),
      connectClient(url, { extraHeaders: { cookie: `rtserver.sid=${token('42')}` } }),
    ]);
    expect(sockets.map(({ ready }) => ready.userId)).toEqual(['by-session', 'by-session', '42']);
  });

  test('works over polling', async () => {
    const { url, token, session } = await startWithSession();
    const polling = { transports: ['polling'] };
    const sockets = await Promise.all([
      connectClient(url, { ...polling, token: token('42') }),
      connectClient(url, { ...polling, extraHeaders: { authorization: `Bearer ${token('43')}` } }),
      connectClient(url, { ...polling, extraHeaders: { cookie: `rtserver.sid=${session}` } }),
    ]);
    expect(sockets.map(({ ready }) => ready.userId)).toEqual(['42', '43', 'by-session']);
  });

  test('is in this order, the first found wins', async () => {
    const { url, token, session } = await startWithSession();
    const authorization = `Bearer ${token('bearer')}`;
    const cookie = `rtserver.sid=${session}`;
    const all = await connectClient(url, { token: token('auth'), extraHeaders: { authorization, cookie } });
    expect(all.ready.userId).toBe('auth');
    const two = await connectClient(url, { extraHeaders: { authorization, cookie } });
    expect(two.ready.userId).toBe('bearer');
    const other = await connectClient(url, { extraHeaders: { authorization: 'Basic YTpi', cookie } });
    expect(other.ready.userId).toBe('by-session');
  });

  test('wins also when its token is worthless', async () => {
    const { url, token, session } = await startWithSession();
    const authorization = `Bearer ${token('42')}`;
    const cookie = `rtserver.sid=${session}`;
    for (const [options, code] of [
      [{ token: 'a.b.c', extraHeaders: { authorization, cookie } }, 'TOKEN_INVALID'],
      [{ token: 'sess_unknown', extraHeaders: { authorization, cookie } }, 'SESSION_INVALID'],
      [{ extraHeaders: { authorization: 'Bearer', cookie } }, 'UNAUTHENTICATED'],
      [{ extraHeaders: { authorization: 'bearer a b', cookie } }, 'SESSION_INVALID'],
      [{ extraHeaders: { authorization: 'Bearer a.b.c', cookie } }, 'TOKEN_INVALID'],
      [{ extraHeaders: { authorization: 'Bearer sess_unknown', cookie } }, 'SESSION_INVALID'],
    ] as const) {
      expect((await expectRefusal(url, options)).data.code).toBe(code);
    }
  });

  test.each([null, 42, '', {}, [], true, false])('is there and wrong with auth.token %j', async (token) => {
    const { url, session } = await startWithSession();
    const cookie = `rtserver.sid=${session}`;
    const { message, data } = await expectRefusal(url, { auth: { token }, extraHeaders: { cookie } });
    expect(message).toBe('Authentication required');
    expect(data.code).toBe('UNAUTHENTICATED');
  });

  test('is not among the prototypes of auth', async () => {
    const { url, token } = await startServer();
    const auth = JSON.parse(`{"__proto__":{"token":"${token('42')}"}}`);
    expect((await expectRefusal(url, { auth })).data.code).toBe('UNAUTHENTICATED');
  });

  test.each(['token', 'access_token', 'auth'])('is never the query parameter %s', async (name) => {
    const { url, token, logs } = await startServer();
    const secretToken = token('42');
    for (const transports of [['websocket'], ['polling']]) {
      const { message, data } = await expectRefusal(url, { transports, query: { [name]: secretToken } });
      expect(message).toBe('Credentials must not be sent in the query string');
      expect(data).toMatchObject({ code: 'CREDENTIALS_IN_QUERY', retry: false });
    }
    // Also beside credentials in the right place: the URL has leaked already.
    const both = await expectRefusal(url, { token: secretToken, query: { [name]: secretToken } });
    expect(both.data.code).toBe('CREDENTIALS_IN_QUERY');
    expect(JSON.stringify(logs.lines)).not.toContain(secretToken);
  });

  test('is nowhere: UNAUTHENTICATED', async () => {
    const { url } = await startServer();
    for (const options of [{}, { auth: {} }, { extraHeaders: { cookie: 'other=1' } }]) {
      expect((await expectRefusal(url, options)).data.code).toBe('UNAUTHENTICATED');
    }
  });
});

describe('a token', () => {
  test.each(['..', 'a..', '..c', '.b.', 'a.b.c', `${'x'.repeat(50_000)}.y.z`])(
    'with two dots is a JWT: TOKEN_INVALID, malformed (%#)',
    async (token) => {
      const { url } = await startServer();
      const { message, data } = await expectRefusal(url, { token });
      expect(message).toBe('Invalid token');
      expect(data).toMatchObject({ code: 'TOKEN_INVALID', reason: 'malformed', retry: false });
    },
  );

  test.each(['sess_x', 'a.b', 'a.b.c.d', '...', 'ключ', 'x'.repeat(50_000)])(
    'of any other kind is a session: SESSION_INVALID (%#)',
    async (token) => {
      const { url } = await startServer();
      const { message, data } = await expectRefusal(url, { token });
      expect(message).toBe('Session not found or expired');
      expect(data).toMatchObject({ code: 'SESSION_INVALID', retry: false });
    },
  );
});
