import { describe, expect, test } from 'vitest';
import { startStockServer } from '../wire/stock-server.ts';
import { asked, probe, startStrippingProxy } from './probe-peers.ts';

const TRANSPORTS = ['polling', 'websocket'] as const;
const APP = 'https://app.example';
const TOKEN = 'a-token-that-is-never-shown';

describe('a stock server', () => {
  test('without rules is said to be guarded by nothing', async () => {
    const { url } = await startStockServer();
    const report = await probe(url);
    expect(report.outcome).toBe('passes');
    expect(report.findings).toEqual([
      expect.objectContaining({
        level: 'warning',
        reason: expect.stringMatching(/Nothing guards this server: any origin connects.* and no token is needed/),
      }),
    ]);
  });

  test('with CORS alone lets in pages that may not read polling', async () => {
    const { url, io } = await startStockServer({ cors: { origin: APP } });
    io.use((socket, next) => next(socket.handshake.auth['token'] === TOKEN ? undefined : new Error('who are you?')));
    const report = await probe(url, { origin: APP, token: TOKEN });
    expect(report.outcome).toBe('passes');
    expect(report.text).toContain('A page of any origin connects');
    expect(report.text).toContain('CORS headers keep pages from reading polling, and do not stop a WebSocket');
    expect(report.text).toContain('but not with credentials');
    expect(report.cors).toEqual([
      { origin: APP, allowOrigin: APP, allowsCredentials: false },
      { origin: 'https://stranger.invalid', allowOrigin: APP, allowsCredentials: false },
    ]);
  });

  test('that allows every page to read does not do so with credentials', async () => {
    const { url } = await startStockServer({ cors: { origin: '*', credentials: true } });
    const report = await probe(url, { origin: APP });
    expect(report.text).toMatch(/lets a page of https:\/\/app\.example read .*but not with credentials/);
  });

  test('whose middleware refuses is quoted, without the token', async () => {
    const { url, io } = await startStockServer();
    io.use((socket, next) => {
      const { token } = socket.handshake.auth;
      next(token === undefined ? new Error('no token') : new Error(`bad token ${token}`));
    });
    const report = await probe(url, { token: TOKEN });
    expect(report.outcome).toBe('refused');
    for (const transport of TRANSPORTS) {
      expect(asked(report, transport)).toMatchObject({
        outcome: 'refused',
        message: 'bad token [hidden]',
        rule: 'middleware (io.use)',
      });
    }
    expect(JSON.stringify(report)).not.toContain(TOKEN);
    expect(report.text).not.toContain(TOKEN);
    expect((await probe(url)).text).toContain('send one with --token');
  });

  test('whose middleware speaks our codes is understood', async () => {
    const { url, io } = await startStockServer();
    const data = { code: 'MAX_CONNECTIONS_EXCEEDED', limit: 2, current: 2 };
    io.use((_socket, next) => next(Object.assign(new Error('too many'), { data })));
    expect(asked(await probe(url), 'websocket')).toMatchObject({
      code: 'MAX_CONNECTIONS_EXCEEDED',
      message: 'too many',
      rule: 'limits.connectionsPerUser',
      reason: 'The user already has 2 of 2 connections.',
    });
  });

  test('that lets in and puts out again is not said to pass', async () => {
    const { url, io } = await startStockServer();
    io.removeAllListeners('connection');
    io.on('connection', (socket) => socket.disconnect());
    const report = await probe(url);
    expect(report.outcome).toBe('refused');
    expect(asked(report, 'websocket')).toMatchObject({ outcome: 'refused', rule: 'disconnected' });
    expect(report.text).not.toContain('Nothing guards');
  });

  test('whose middleware never answers is not called unreachable', async () => {
    const { url, io } = await startStockServer();
    io.use(() => {});
    const report = await probe(url, { timeoutMs: 500 });
    expect(report.outcome).toBe('refused');
    for (const transport of TRANSPORTS) {
      expect(asked(report, transport)).toMatchObject({ outcome: 'refused', rule: 'middleware (io.use)' });
    }
    expect(report.text).toContain('never calls next()');
  });

  test('whose allowRequest refuses is named', async () => {
    const { url } = await startStockServer({ allowRequest: (_request, done) => done('no', false) });
    const report = await probe(url);
    expect(report.outcome).toBe('refused');
    expect(asked(report, 'polling')).toMatchObject({ status: 403, code: '4', rule: 'allowRequest' });
    expect(asked(report, 'websocket')).toMatchObject({ status: 400, outcome: 'refused', rule: 'allowRequest' });
    expect(report.text).not.toContain('Origins are checked');
  });

  test('whose allowRequest checks origins is said to check them', async () => {
    const { url } = await startStockServer({
      allowRequest: ({ headers }, done) => done(null, headers.origin === APP),
    });
    const report = await probe(url, { origin: APP });
    expect(report.outcome).toBe('passes');
    expect(report.text).toContain('Origins are checked, over both transports');
    expect(report.text).toContain('Connections without a token are let in');
    expect(report.text).not.toContain('Nothing guards');
  });

  test('whose HTTP middleware fails is not taken for a proxy', async () => {
    const { url, io } = await startStockServer();
    io.engine.use((_request: unknown, _response: unknown, next: (error: Error) => void) => next(new Error('no')));
    const report = await probe(url);
    expect(report.outcome).toBe('refused');
    for (const transport of TRANSPORTS) {
      expect(asked(report, transport)).toMatchObject({ code: '3', message: 'Bad request', rule: 'handshake' });
    }
  });

  test('that does not allow a page to read is said not to', async () => {
    const { url } = await startStockServer();
    const { text } = await probe(url, { origin: APP });
    expect(text).toContain(`A browser would not let a page of ${APP} read the answers to polling`);
    expect((await probe(url, { origin: `${APP}/` })).text).toContain(
      `Probe with what a browser sends: --origin ${APP}`,
    );
  });

  test('without the namespace of the URL is named', async () => {
    const { url } = await startStockServer();
    const report = await probe(`${url}/chat`);
    expect(asked(report, 'websocket')).toMatchObject({ rule: 'namespace', message: 'Invalid namespace' });
  });

  test('is left without a connection', async () => {
    const { url, io } = await startStockServer();
    await probe(url, { origin: APP, token: TOKEN });
    await expect.poll(() => io.engine.clientsCount, { timeout: 10_000 }).toBe(0);
  });
});

test('a proxy that drops the Upgrade header is found by what passes and what does not', async () => {
  const { url } = await startStockServer();
  const report = await probe(await startStrippingProxy(url));
  expect(report.outcome).toBe('refused');
  expect(asked(report, 'polling')).toMatchObject({ outcome: 'passed' });
  for (const transport of ['websocket', 'upgrade'] as const) {
    expect(asked(report, transport)).toMatchObject({
      outcome: 'refused',
      status: 400,
      code: '3',
      message: 'Bad request',
      rule: 'Upgrade header',
      advice: expect.stringContaining('proxy_set_header Upgrade'),
    });
  }
  expect(report.summary).toBe('It connects over polling only. WebSocket does not get through: Upgrade header.');
});
