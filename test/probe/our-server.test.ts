import { describe, expect, test } from 'vitest';
import { ERRORS } from '../../src/contract/errors.ts';
import { connectClient } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { asked, type Probed, probe } from './probe-peers.ts';

const TRANSPORTS = ['polling', 'websocket'] as const;
const APP = 'https://app.example';

function expectRefused(report: Probed, code: keyof typeof ERRORS, rule: string, advice: string) {
  expect(report.outcome).toBe('refused');
  expect(report.summary).toBe(`It is refused: ${code}, by the rule ${rule}.`);
  for (const transport of TRANSPORTS) {
    const verdict = asked(report, transport);
    expect(verdict).toMatchObject({ outcome: 'refused', code, message: ERRORS[code].message, rule });
    expect(verdict?.advice, transport).toContain(advice);
  }
}

test('a connection that passes is shown to pass, over polling, WebSocket and the upgrade', async () => {
  const { url, token } = await startServer({ cors: { origins: [APP] } });
  const report = await probe(url, { origin: APP, token: token('42') });
  expect(report.outcome).toBe('passes');
  for (const transport of [...TRANSPORTS, 'upgrade'] as const) {
    expect(asked(report, transport)).toMatchObject({ outcome: 'passed', rule: null, advice: null });
  }
  expect(asked(report, 'websocket')).toMatchObject({ message: 'as user 42' });
  // Without a token and from a page that nobody knows, it is refused; and that is nothing to change.
  const others = report.attempts.filter(({ isAsked, outcome }) => !isAsked && outcome === 'refused');
  expect(new Set(others.map(({ code }) => code))).toEqual(new Set(['UNAUTHENTICATED', 'ORIGIN_NOT_ALLOWED']));
  expect(others.filter(({ advice }) => advice !== null)).toEqual([]);
  expect(report.findings.filter(({ level }) => level === 'warning')).toEqual([]);
  expect(report.text).toContain('Origins are checked, over both transports');
  expect(report.text).toContain('also with credentials');
});

test('tries with and without the origin and the token', async () => {
  const { url, token } = await startServer({ cors: { origins: [APP] } });
  const { attempts } = await probe(url, { origin: APP, token: token('42') });
  for (const transport of TRANSPORTS) {
    const tried = attempts.filter((each) => each.transport === transport);
    expect(tried.map((each) => [each.origin, each.token, each.outcome])).toEqual([
      [APP, true, 'passed'],
      [null, true, 'passed'],
      [APP, false, 'refused'],
      [null, false, 'refused'],
      ['https://stranger.invalid', true, 'refused'],
    ]);
  }
});

test('leaves nothing behind, and never holds more than one connection', async () => {
  const { url, token, request } = await startServer({ limits: { connectionsPerUser: 1 } });
  expect((await probe(url, { token: token('42') })).outcome).toBe('passes');
  const { items } = (await (await request('/api/sockets')).json()) as { items: object[] };
  expect(items).toEqual([]);
});

describe('each refusal is named', () => {
  test('an origin that is not configured', async () => {
    const { url, token } = await startServer({ cors: { origins: [APP] } });
    const report = await probe(url, { origin: 'https://other.example', token: token('42') });
    expectRefused(report, 'ORIGIN_NOT_ALLOWED', 'cors.origins', '--origin https://other.example');
    expect(asked(report, 'polling')).toMatchObject({ status: 403, correlationId: expect.any(String) });
    expect(report.cors[0]).toEqual({ origin: 'https://other.example', allowOrigin: null, allowsCredentials: false });
  });

  test('a missing origin where one is required', async () => {
    const { url, token } = await startServer({ cors: { origins: [APP], requireOrigin: true } });
    expectRefused(await probe(url, { token: token('42') }), 'ORIGIN_NOT_ALLOWED', 'cors.requireOrigin', '--origin');
  });

  test('a missing token', async () => {
    const { url } = await startServer();
    expectRefused(await probe(url), 'UNAUTHENTICATED', 'auth: token required', '--token');
  });

  test('a token in the URL', async () => {
    const { url, token } = await startServer();
    const secret = token('42');
    const report = await probe(`${url}?token=${secret}`);
    expectRefused(report, 'CREDENTIALS_IN_QUERY', 'auth: no token in URLs', 'auth.token');
    expect(JSON.stringify(report)).not.toContain(secret);
  });

  test('a token that ran out, with when and who issued it', async () => {
    const { url, token } = await startServer();
    const expired = token('42', { expiresInMs: -120_000, claims: { iss: 'https://login.example' } });
    const report = await probe(url, { token: expired });
    expectRefused(report, 'TOKEN_EXPIRED', 'auth: expiry', 'rtserver token --user 42');
    expect(report.text).toMatch(/ran out on \d{4}-\d\d-\d\dT\S+Z, 2m ago/);
    expect(report.text).toContain('issued by https://login.example');
  });

  test.for([
    ['auth: signature', { secret: 'another-secret-that-is-long-enough' }, '--secret'],
    ['auth.issuer', { claims: { iss: 'https://other.example', aud: 'app' } }, 'auth.issuer'],
    ['auth.audience', { claims: { iss: 'https://login.example', aud: 'other' } }, 'auth.audience'],
    ['auth: not before', { claims: { iss: 'https://login.example', aud: 'app', nbf: 33e8 } }, 'clocks'],
  ] as const)('a token that is not valid: %s', async ([rule, options, advice]) => {
    const { url, token } = await startServer({ auth: { issuer: 'https://login.example', audience: 'app' } });
    expectRefused(await probe(url, { token: token('42', options) }), 'TOKEN_INVALID', rule, advice);
  });

  test.for([
    ['eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.', 'auth.algorithms', 'auth.algorithms'],
    ['not.a.token', 'auth: token format', 'whole token'],
  ] as const)('a forged or broken token: %s', async ([token, rule, advice]) => {
    const { url } = await startServer();
    expectRefused(await probe(url, { token }), 'TOKEN_INVALID', rule, advice);
  });

  test('an unknown session', async () => {
    const { url } = await startServer();
    expectRefused(await probe(url, { token: 'sess_nobody' }), 'SESSION_INVALID', 'auth: session', 'session create');
  });

  test('a revoked token', async () => {
    const { url, token, request } = await startServer();
    const revoked = token('42', { claims: { jti: 'one' } });
    await request('/api/tokens/revoke', { body: { jti: 'one' } });
    expectRefused(await probe(url, { token: revoked }), 'TOKEN_REVOKED', 'auth: revoked', 'after that');
  });

  test('a user with all the connections that one may have', async () => {
    const { url, token } = await startServer({ limits: { connectionsPerUser: 1 } });
    await connectClient(url, { token: token('42') });
    const report = await probe(url, { token: token('42') });
    expectRefused(report, 'MAX_CONNECTIONS_EXCEEDED', 'limits.connectionsPerUser', '--max-connections-per-user 2');
    expect(report.text).toContain('The user 42 already has 1 of 1 connections');
  });

  test('a server with all the connections that it may have', async () => {
    const { url, token } = await startServer({ limits: { connections: 1 } });
    await connectClient(url, { token: token('1') });
    const report = await probe(url, { token: token('42') });
    expectRefused(report, 'SERVER_AT_CAPACITY', 'limits.connections', 'limits.connections');
  });

  test('a namespace for administrators', async () => {
    const { url, token } = await startServer();
    const report = await probe(`${url}/admin`, { token: token('42') });
    expect(report.namespace).toBe('/admin');
    expectRefused(report, 'FORBIDDEN', 'auth: permission', '--admin');
  });
});

test('a transport that the server does not offer is named, and WebSocket alone is enough', async () => {
  const { url, token } = await startServer({ engine: { transports: ['websocket'] } });
  const report = await probe(url, { token: token('42') });
  expect(report.outcome).toBe('passes');
  expect(asked(report, 'polling')).toMatchObject({ outcome: 'refused', rule: 'transports', status: 400 });
  expect(report.summary).toBe('It connects over WebSocket. Polling does not get through: transports.');
});

test('a server without WebSocket is not taken for a proxy', async () => {
  const { url, token } = await startServer({ engine: { transports: ['polling'] } });
  const report = await probe(url, { token: token('42') });
  expect(report.outcome).toBe('refused');
  expect(asked(report, 'websocket')).toMatchObject({ outcome: 'refused', rule: 'transports' });
  expect(asked(report, 'upgrade')).toMatchObject({ outcome: 'skipped' });
});

test('a wrong path is named, and the right one where it is the usual one', async () => {
  const { url, token } = await startServer();
  const report = await probe(url, { token: token('42'), path: '/realtime' });
  expect(report.outcome).toBe('not-socket.io');
  for (const transport of TRANSPORTS) {
    expect(asked(report, transport)).toMatchObject({ rule: 'path', advice: expect.stringContaining('/socket.io') });
  }
});

test('a server at another path passes when it is said, also as the end of the URL', async () => {
  const { url, token } = await startServer({ path: '/rt/socket.io' });
  expect((await probe(url, { token: token('42'), path: 'rt/socket.io/' })).outcome).toBe('passes');
  expect((await probe(`${url}/rt/socket.io/`, { token: token('42') })).outcome).toBe('passes');
});
