import { createHmac } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ConnectResult } from '../../src/wire/namespaces.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { startServer } from '../support/start-server.ts';
import { type KeyServer, type PublishedKey, signWith, startKeyServer } from './key-server.ts';

const timeoutMs = 20_000;

type Auth = Parameters<typeof startServer>[0] extends { auth?: infer Given } | undefined ? Given : never;

const start = ({ uri }: KeyServer, limits = {}) =>
  startServer({ auth: { jwksUri: uri, secret: undefined } as unknown as NonNullable<Auth>, limits });

async function enter(url: string, token: string): Promise<ConnectResult> {
  const wire = await openWire(url, { timeoutMs });
  onTestFinished(() => wire.drop());
  return wire.connect({ auth: { token }, timeoutMs });
}

test('a key published right after a fetch gets in, whatever other unknown keys are tried meanwhile', async () => {
  const keyServer = await startKeyServer();
  const { url } = await start(keyServer, { connectionsPerUser: 50 });
  expect(await enter(url, await signWith(await keyServer.publish('old')))).toMatchObject({ ok: true });
  const rotated = await keyServer.publish('rotated');
  const forged = Array.from({ length: 20 }, (_, place) => signWith({ ...rotated, kid: `forged-${place}` }, '13'));
  const refusals = (await Promise.all(forged)).map((token) => enter(url, token));
  expect(await enter(url, await signWith(rotated))).toMatchObject({ ok: true });
  for (const refusal of await Promise.all(refusals))
    expect(refusal).toMatchObject({ ok: false, code: 'TOKEN_INVALID' });
});

test('while it fails, tokens of unknown keys ask it no more than once in two seconds either', async () => {
  const keyServer = await startKeyServer();
  const known = await keyServer.publish('a');
  const { url } = await start(keyServer, { connectionsPerUser: 50 });
  expect(await enter(url, await signWith(known))).toMatchObject({ ok: true });
  keyServer.answer = (_request, response) => response.writeHead(500).end();
  passCooldown();
  const startedAt = performance.now();
  for (const round of [1, 2]) {
    const tokens = Array.from({ length: 20 }, (_, place) => signWith({ ...known, kid: `forged-${round}-${place}` }));
    for (const answer of await Promise.all((await Promise.all(tokens)).map((token) => enter(url, token)))) {
      expect(answer).toMatchObject({ ok: false, code: 'KEYS_UNAVAILABLE' });
    }
  }
  expect(keyServer.fetches).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - startedAt) / 2_000));
});

test('a known key with an algorithm that is not its own asks nobody', async () => {
  const keyServer = await startKeyServer();
  const known = await keyServer.publish('a');
  const other = await keyServer.publish('b', 'RS256');
  const { url } = await start(keyServer);
  expect(await enter(url, await signWith(known))).toMatchObject({ ok: true });
  passCooldown();
  const forged = await signWith({ ...other, kid: 'a' });
  expect(await enter(url, forged)).toMatchObject({ ok: false, code: 'TOKEN_INVALID' });
  expect(keyServer.fetches).toBe(1);
});

/** Moves the clock on, past the pause between two fetches for unknown keys. Timers and their order stay real. */
function passCooldown(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
  onTestFinished(() => void vi.useRealTimers());
}

test('50 simultaneous connections with one token ask the key server once', async () => {
  const keyServer = await startKeyServer();
  const token = await signWith(await keyServer.publish('a'));
  const { url } = await start(keyServer, { connectionsPerUser: 50 });
  const answers = await Promise.all(Array.from({ length: 50 }, () => enter(url, token)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(50);
  expect(keyServer.fetches).toBe(1);
});

test('50 tokens of keys that nobody published ask it no more than once in two seconds', async () => {
  const keyServer = await startKeyServer();
  const known = await keyServer.publish('a');
  const { url } = await start(keyServer, { connectionsPerUser: 50 });
  const startedAt = performance.now();
  const tokens = await Promise.all(
    Array.from({ length: 50 }, (_, place) => signWith({ ...known, kid: `forged-${place}` })),
  );
  for (const answer of await Promise.all(tokens.map((token) => enter(url, token)))) {
    expect(answer).toMatchObject({ ok: false, code: 'TOKEN_INVALID' });
  }
  expect(keyServer.fetches).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - startedAt) / 2_000));
});

test('a new key is picked up, and one that was withdrawn is forgotten with it', async () => {
  const keyServer = await startKeyServer();
  const old = await keyServer.publish('old');
  const { url } = await start(keyServer, { connectionsPerUser: 50 });
  expect(await enter(url, await signWith(old))).toMatchObject({ ok: true });
  const fresh = await keyServer.publish('fresh', 'RS256');
  passCooldown();
  expect(await enter(url, await signWith(fresh))).toMatchObject({ ok: true });
  expect(await enter(url, await signWith(old))).toMatchObject({ ok: true });
  keyServer.withdraw('old');
  const third = await keyServer.publish('third', 'EdDSA');
  passCooldown();
  expect(await enter(url, await signWith(third))).toMatchObject({ ok: true });
  expect(await enter(url, await signWith(old))).toMatchObject({ ok: false, code: 'TOKEN_INVALID' });
});

const OUTAGES: readonly [name: string, answer: RequestListener][] = [
  ['answers 500', (_request, response) => response.writeHead(500).end('oops')],
  ['closes the connection', (request) => request.socket.destroy()],
  ['answers HTML', (_request, response) => response.setHeader('content-type', 'text/html').end('<p>Login</p>')],
  ['answers null', (_request, response) => response.end('null')],
  ['answers an object without keys', (_request, response) => response.end('{"keys":{"length":1}}')],
  ['redirects', (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  [
    'stops in the middle',
    (_request, response) => void response.writeHead(200, { 'content-length': 999 }).write('{"keys'),
  ],
];

describe.each(OUTAGES)('while the key server %s', (_name, answer) => {
  test('known keys stay good, unknown ones get a clear code, and it recovers', async () => {
    const keyServer = await startKeyServer();
    const known = await keyServer.publish('known');
    const { url, logs } = await start(keyServer, { connectionsPerUser: 50 });
    expect(await enter(url, await signWith(known))).toMatchObject({ ok: true });
    const fresh = await keyServer.publish('fresh');
    keyServer.answer = answer;
    passCooldown();
    const refused = enter(url, await signWith(fresh));
    expect(await enter(url, await signWith(known))).toMatchObject({ ok: true });
    expect(await refused).toMatchObject({ ok: false, code: 'KEYS_UNAVAILABLE', data: { retry: true } });
    expect(await enter(url, await signWith(known))).toMatchObject({ ok: true });
    keyServer.answer = undefined;
    expect(await enter(url, await signWith(fresh))).toMatchObject({ ok: true });
    expect(logs.of('handler.failed')).toEqual([]);
  });
});

test('a key server that never answers is given up on, and others are refused meanwhile without a wait in line', async () => {
  const keyServer = await startKeyServer();
  const key = await keyServer.publish('a');
  keyServer.answer = () => {};
  const { url } = await start(keyServer);
  const answers = await Promise.all([
    enter(url, await signWith(key)),
    enter(url, await signWith(key, '43')),
    enter(url, 'sess_unknown'),
    enter(url, 'a.b.c'),
  ]);
  expect(answers.map((answer) => !answer.ok && answer.code)).toEqual([
    'KEYS_UNAVAILABLE',
    'KEYS_UNAVAILABLE',
    'SESSION_INVALID',
    'TOKEN_INVALID',
  ]);
  expect(keyServer.fetches).toBe(1);
});

test.each([
  ['a key of nonsense', { kty: 'EC', kid: 'a', crv: 'P-256', x: '!!', y: 1 }],
  ['a key without a type', { kid: 'a', alg: 'ES256' }],
  ['null among the keys', null],
  ['a curve that is not known', { kty: 'EC', kid: 'a', crv: '__proto__', x: 'AA', y: 'AA', alg: 'ES256' }],
])('%s lets nobody in and does no harm', async (_name, published) => {
  const keyServer = await startKeyServer();
  const key = await keyServer.publish('a');
  keyServer.answer = (_request, response) => response.end(JSON.stringify({ keys: [published] }));
  const { url, logs } = await start(keyServer);
  const answer = await enter(url, await signWith(key));
  expect(answer).toMatchObject({ ok: false, code: expect.stringMatching(/^(KEYS_UNAVAILABLE|TOKEN_INVALID)$/) });
  expect(logs.of('handler.failed')).toEqual([]);
});

test('a secret that somebody published is no key, and a published key no secret', async () => {
  const keyServer = await startKeyServer();
  const key: PublishedKey = await keyServer.publish('a');
  const secret = Buffer.alloc(32, 1);
  keyServer.answer = (_request, response) =>
    response.end(JSON.stringify({ keys: [{ kty: 'oct', kid: 'a', alg: 'HS256', k: secret.toString('base64url') }] }));
  const { url } = await start(keyServer);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${encode({ alg: 'HS256', kid: 'a' })}.${encode({ sub: '42' })}`;
  const forged = `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
  expect(await enter(url, forged)).toMatchObject({ ok: false, code: 'TOKEN_INVALID', data: { reason: 'algorithm' } });
  const unsigned = `${encode({ alg: 'none', kid: key.kid })}.${encode({ sub: '42' })}.`;
  expect(await enter(url, unsigned)).toMatchObject({ ok: false, code: 'TOKEN_INVALID', data: { reason: 'algorithm' } });
});
