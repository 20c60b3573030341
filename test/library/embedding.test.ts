import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { disconnected, nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

async function borrow(listener: Parameters<typeof createServer>[1]): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const textOf = async (url: string) => (await fetch(url)).text();

describe('a borrowed server', () => {
  test('gets one Socket.IO server and our routes, and keeps its own', async () => {
    const { server: http, url } = await borrow((request, response) => response.end(`own ${request.url}`));
    const { server, token } = await startServer({ server: http });
    expect(server.http).toBe(http);
    expect(server.url).toBe(url);
    await connectClient(url, { token: token('42') });
    await connectClient(url, { token: token('42'), transports: ['polling'] });
    expect(await textOf(`${url}/hello`)).toBe('own /hello');
    expect(await textOf(`${url}/api/of-the-app`)).toBe('own /api/of-the-app');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/api/users`)).status).toBe(401);
  });

  test('is given back as it was, still listening', async () => {
    const { server: http, url } = await borrow((_request, response) => response.end('own'));
    const before = { request: http.listeners('request'), upgrade: http.listeners('upgrade') };
    const { server, token } = await startServer({ server: http });
    const socket = await connectClient(url, { token: token('42') });
    const ended = disconnected(socket);
    await server.close();
    await ended;
    expect(http.listening).toBe(true);
    expect({ request: http.listeners('request'), upgrade: http.listeners('upgrade') }).toEqual(before);
    expect(await textOf(`${url}/healthz`)).toBe('own');
    expect(await textOf(`${url}/socket.io/?EIO=4&transport=polling`)).toBe('own');
  });

  test.for([
    ['host', { host: '0.0.0.0' }],
    ['port', { port: 4_000 }],
    ['tls.cert', { tls: { cert: 'cert.pem', key: 'key.pem' } }],
  ] as const)('takes no %s of ours, and says whose affair it is', async ([key, options]) => {
    const { server: http } = await borrow((_request, response) => response.end('own'));
    const started = startServer({ server: http, ...options });
    await expect(started).rejects.toThrow(`${key} has no effect on a server of your own`);
  });

  test('can be borrowed again', async () => {
    const { server: http, url } = await borrow((_request, response) => response.end('own'));
    for (let round = 0; round < 3; round += 1) {
      const { server, token } = await startServer({ server: http });
      await connectClient(url, { token: token('42') });
      await server.close();
    }
    expect(await textOf(url)).toBe('own');
  });

  test('keeps the listeners that the application added meanwhile', async () => {
    const { server: http } = await borrow((_request, response) => response.end('own'));
    const { server } = await startServer({ server: http });
    const onRequest = () => {};
    const onUpgrade = () => {};
    http.on('request', onRequest);
    http.on('upgrade', onUpgrade);
    await server.close();
    expect(http.listeners('request')).toContain(onRequest);
    expect(http.listeners('upgrade')).toContain(onUpgrade);
  });

  test('may start to listen later', async () => {
    const http = createServer();
    const { server, token, logs } = await startServer({ server: http });
    expect(logs.of('server.listening')).toEqual([]);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void http.close());
    const { port } = http.address() as AddressInfo;
    expect(server.url).toBe(`http://127.0.0.1:${port}`);
    expect(logs.of('server.listening')).toMatchObject([{ url: server.url }]);
    await connectClient(server.url, { token: token('42') });
  });
});

describe('an app', () => {
  test('is served beside our routes, which come first', async () => {
    const app = express();
    app.get('/hello', (_request, response) => void response.send('hello'));
    app.get('/healthz', (_request, response) => void response.send('theirs'));
    app.use((_request, response) => void response.status(404).send('nothing here'));
    const { url, token } = await startServer({ app });
    expect(await textOf(`${url}/hello`)).toBe('hello');
    expect(await textOf(`${url}/healthz`)).toContain('"ok"');
    expect(await textOf(`${url}/else`)).toBe('nothing here');
    await connectClient(url, { token: token('42') });
  });

  test('reads bodies of its own requests', async () => {
    const app = express();
    app.post('/echo', express.text(), (request, response) => void response.send(request.body));
    const { url } = await startServer({ app });
    const response = await fetch(`${url}/echo`, {
      method: 'POST',
      body: 'hello',
      headers: { 'content-type': 'text/plain' },
    });
    expect(await response.text()).toBe('hello');
  });

  test('may be our own, with more routes at any time', async () => {
    const { server, url } = await startServer();
    server.app.get('/late', (_request, response) => void response.send('late'));
    expect(await textOf(`${url}/late`)).toBe('late');
  });
});

describe('authenticate', () => {
  test('does not keep a revoked user on, and lets them come again by what it says', async () => {
    const { url, request } = await startServer({ authenticate: () => ({ userId: '42' }) });
    const socket = await connectClient(url, {});
    const closing = nextEvent(socket, 'closing');
    const response = await request('/api/tokens/revoke', { method: 'POST', body: { userId: '42' } });
    expect(await response.json()).toEqual({ ok: true, closed: 1 });
    expect(await closing).toMatchObject({ code: 'TOKEN_REVOKED' });
    await connectClient(url, {});
  });

  test('replaces the check, and gets what the client brought', async () => {
    const seen: unknown[] = [];
    const { server, url } = await startServer({
      authenticate: (handshake) => {
        seen.push(handshake);
        return { userId: '42', claims: { role: 'editor' }, rooms: ['team-*'] };
      },
    });
    const socket = await connectClient(url, {
      auth: { pass: 'word' },
      query: { page: '7' },
      extraHeaders: { 'x-one': '1' },
    });
    expect(seen).toMatchObject([
      { auth: { pass: 'word' }, query: { page: '7' }, headers: { 'x-one': '1' }, address: '127.0.0.1' },
    ]);
    expect(socket.ready).toMatchObject({ userId: '42', rooms: ['user:42'] });
    expect(server.io.sockets.sockets.get(socket.ready.socketId)?.data.user).toEqual({ role: 'editor' });
    expect(await socket.emitWithAck('room:join', { room: 'other' })).toMatchObject({
      error: { code: 'ROOM_FORBIDDEN' },
    });
  });

  test.each([[undefined], [null], [{}], [{ userId: 42 }], [{ userId: '' }], [{ userId: 'x'.repeat(129) }], ['42']])(
    'that resolves to %j lets nobody in',
    async (user) => {
      const { url, logs } = await startServer({ authenticate: () => user as never });
      await expect(connectClient(url)).rejects.toThrow('Authentication required');
      expect(await logs.next('connection.refused')).toMatchObject({ code: 'UNAUTHENTICATED', err: expect.anything() });
    },
  );

  test('works without any secret', async () => {
    const { createRealtimeServer } = await import('../../src/index.ts');
    const server = await createRealtimeServer({
      port: 0,
      authenticate: () => ({ userId: '42' }),
      log: { level: 'silent' },
    });
    onTestFinished(() => server.close());
    await connectClient(server.url);
    expect((await fetch(`${server.url}/api/users`, { headers: { authorization: 'Bearer a.b.c' } })).status).toBe(401);
  });
});

describe('where a borrowed server listens', () => {
  const PAGE = 'http://localhost:9999';

  async function borrowAt(host: string) {
    const http = createServer();
    const started = await startServer({ server: http });
    await new Promise<void>((resolve) => http.listen(0, host, resolve));
    onTestFinished(() => void http.close());
    const { port } = http.address() as AddressInfo;
    return { ...started, url: `http://127.0.0.1:${port}` };
  }

  test('decides whether pages of this machine may connect unasked', async () => {
    const near = await borrowAt('127.0.0.1');
    await connectClient(near.url, { token: near.token('42'), extraHeaders: { origin: PAGE } });
    await near.server.close();
    const far = await borrowAt('0.0.0.0');
    await expectRefusal(far.url, { token: far.token('42'), extraHeaders: { origin: PAGE } });
    await connectClient(far.url, { token: far.token('42') });
  });

  test('decides whether a short secret will do', async () => {
    const auth = { secret: 'short' };
    await expect(startServer({ server: createServer(), auth })).rejects.toThrow(
      'auth.secret must have at least 32 bytes',
    );
    const { server } = await borrow(() => {});
    await startServer({ server, auth });
  });
});
