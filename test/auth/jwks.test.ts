import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import jwt from 'jsonwebtoken';
import { expect, onTestFinished, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';

/** A key server whose keys can be changed and which can be turned off. */
async function startKeyServer() {
  const state = { keys: [] as object[], fetches: 0, isDown: false };
  const http = createServer((_request, response) => {
    state.fetches += 1;
    if (state.isDown) response.writeHead(503).end();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: state.keys }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const publish = async (kid: string, alg = 'ES256') => {
    const pair = await generateKeyPair(alg, { extractable: true });
    state.keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' });
    return { ...pair, kid, alg };
  };
  return { state, publish, uri: `http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks.json` };
}

type Key = GenerateKeyPairResult & { kid: string; alg: string };

const sign = ({ privateKey, kid, alg }: Key, claims: Record<string, unknown> = {}) =>
  new SignJWT({ sub: '42', ...claims }).setProtectedHeader({ alg, kid }).sign(privateKey);

const start = (jwksUri: string) => startServer({ auth: { jwksUri, secret: undefined } as { jwksUri: string } });

test('lets in who a published key has signed for, of several kinds', async () => {
  const { publish, uri } = await startKeyServer();
  const keys = [await publish('a', 'ES256'), await publish('b', 'RS256'), await publish('c', 'EdDSA')];
  const { url } = await start(uri);
  for (const key of keys) expect((await connectClient(url, { token: await sign(key) })).ready.userId).toBe('42');
});

test('refuses what no published key has signed', async () => {
  const { state, publish, uri } = await startKeyServer();
  const key = await publish('a');
  const { url } = await start(uri);
  const stranger = { ...(await generateKeyPair('ES256')), kid: 'a', alg: 'ES256' };
  const cases = [
    [await sign(stranger), 'TOKEN_INVALID', 'signature'],
    [await sign({ ...stranger, kid: 'unknown' }), 'TOKEN_INVALID', 'signature'],
    [jwt.sign({ sub: '42' }, JSON.stringify(state.keys[0]), { keyid: 'a' }), 'TOKEN_INVALID', 'algorithm'],
    [jwt.sign({ sub: '42' }, '', { algorithm: 'none', keyid: 'a' }), 'TOKEN_INVALID', 'algorithm'],
    ['..', 'TOKEN_INVALID', 'malformed'],
    ['a.b.c', 'TOKEN_INVALID', 'malformed'],
    [await sign(key, { sub: '' }), 'TOKEN_INVALID', 'subject'],
    [await sign(key, { sub: 'x'.repeat(129) }), 'TOKEN_INVALID', 'subject'],
    [await sign(key, { nbf: Math.floor(Date.now() / 1_000) + 600 }), 'TOKEN_INVALID', 'not active'],
    [await sign(key, { exp: 1_000_000_000 }), 'TOKEN_EXPIRED', undefined],
  ] as const;
  for (const [token, code, reason] of cases) {
    const { data } = await expectRefusal(url, { token });
    expect([data.code, data['reason']]).toEqual([code, reason]);
  }
  expect((await expectRefusal(url, { token: await sign(key, { exp: 1_000_000_000 }) })).data).toMatchObject({
    expiredAt: 1_000_000_000_000,
  });
});

test('admits exactly the limit of 100 at once', async () => {
  const { publish, uri } = await startKeyServer();
  const { url } = await start(uri);
  const token = await sign(await publish('a'));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, () => connectClient(url, { token, withinMs: 40_000 })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
});

test('asks the key server once for many tokens, and goes on without it', async () => {
  const { state, publish, uri } = await startKeyServer();
  const key = await publish('a');
  const { url } = await start(uri);
  await Promise.all(['1', '2', '3', '4'].map(async (sub) => connectClient(url, { token: await sign(key, { sub }) })));
  expect(state.fetches).toBe(1);
  state.isDown = true;
  expect((await connectClient(url, { token: await sign(key, { sub: '5' }) })).ready.userId).toBe('5');
});

test('says that it may pass when the keys were never there', async () => {
  const { state, publish, uri } = await startKeyServer();
  const key = await publish('a');
  state.isDown = true;
  const { url } = await start(uri);
  const { data } = await expectRefusal(url, { token: await sign(key) });
  expect(data).toMatchObject({ code: 'KEYS_UNAVAILABLE', retry: true });
  state.isDown = false;
  expect((await connectClient(url, { token: await sign(key) })).ready.userId).toBe('42');
});
