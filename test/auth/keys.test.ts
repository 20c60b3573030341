import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import jwt, { type Algorithm } from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { createRealtimeServer } from '../../src/index.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const ed25519 = generateKeyPairSync('ed25519');
const toPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;

const PAIRS: readonly [algorithm: Algorithm, pair: { publicKey: KeyObject; privateKey: KeyObject }][] = [
  ['RS256', rsa],
  ['PS256', rsa],
  ['ES256', ec],
];

describe.each(PAIRS)('with a public key, %s', (algorithm, { publicKey, privateKey }) => {
  const auth = { publicKey: toPem(publicKey) };

  test('lets in who was signed for, and nobody else', async () => {
    const { url } = await startServer({ auth });
    const token = jwt.sign({ sub: '42' }, privateKey, { algorithm });
    expect((await connectClient(url, { token })).ready.userId).toBe('42');
    const forged = `${token.slice(0, -6)}AAAAAA`;
    expect((await expectRefusal(url, { token: forged })).data).toMatchObject({ reason: 'signature' });
  });

  test('never takes the public key for an HMAC secret', async () => {
    const { url } = await startServer({ auth });
    for (const secret of [auth.publicKey, auth.publicKey.trim()]) {
      const token = jwt.sign({ sub: '42' }, secret, { algorithm: 'HS256' });
      expect((await expectRefusal(url, { token })).data).toMatchObject({ code: 'TOKEN_INVALID', reason: 'algorithm' });
    }
  });

  test('refuses an unsigned token', async () => {
    const { url } = await startServer({ auth });
    const token = jwt.sign({ sub: '42' }, '', { algorithm: 'none' });
    expect((await expectRefusal(url, { token })).data).toMatchObject({ code: 'TOKEN_INVALID', reason: 'algorithm' });
  });
});

test('with an Ed25519 key, lets in who was signed for', async () => {
  const { SignJWT } = await import('jose');
  const { url } = await startServer({ auth: { publicKey: toPem(ed25519.publicKey) } });
  const sign = (key: KeyObject) => new SignJWT({}).setProtectedHeader({ alg: 'EdDSA' }).setSubject('42').sign(key);
  expect((await connectClient(url, { token: await sign(ed25519.privateKey) })).ready.userId).toBe('42');
  const { privateKey } = generateKeyPairSync('ed25519');
  expect((await expectRefusal(url, { token: await sign(privateKey) })).data).toMatchObject({ reason: 'signature' });
});

test('auth.algorithms narrows what a key allows', async () => {
  const { url } = await startServer({ auth: { publicKey: toPem(rsa.publicKey), algorithms: ['RS512'] } });
  const sign = (algorithm: Algorithm) => jwt.sign({ sub: '42' }, rsa.privateKey, { algorithm });
  expect((await connectClient(url, { token: sign('RS512') })).ready.userId).toBe('42');
  expect((await expectRefusal(url, { token: sign('RS256') })).data).toMatchObject({ reason: 'algorithm' });
});

test('a previous secret stays good while it is being replaced', async () => {
  const [secret, previousSecret] = ['the-new-secret-that-is-long-enough', 'the-old-secret-that-is-long-enough'];
  const { url, token } = await startServer({ auth: { secret, previousSecret } });
  expect((await connectClient(url, { token: token('42') })).ready.userId).toBe('42');
  expect((await connectClient(url, { token: token('43', { secret: previousSecret }) })).ready.userId).toBe('43');
  const older = token('44', { secret: 'an-older-secret-that-is-long-enough' });
  expect((await expectRefusal(url, { token: older })).data).toMatchObject({ reason: 'signature' });
});

test.each([
  ['HS256 with a public key', { publicKey: toPem(rsa.publicKey), algorithms: ['HS256'] }, 'auth.algorithms'],
  ['RS256 with a secret', { secret: 'a-secret-that-is-long-enough-for-it', algorithms: ['RS256'] }, 'auth.algorithms'],
  ['none', { secret: 'a-secret-that-is-long-enough-for-it', algorithms: ['none'] }, 'auth.algorithms'],
  ['an empty list', { secret: 'a-secret-that-is-long-enough-for-it', algorithms: [] }, 'auth.algorithms'],
  ['a key that is none', { publicKey: 'not a key' }, 'auth.publicKey'],
] as const)('refuses the configuration: %s', async (_name, auth, key) => {
  const options = { port: 0, log: { level: 'silent' }, auth: { ...auth, algorithms: undefined } } as const;
  const algorithms = 'algorithms' in auth ? { algorithms: [...auth.algorithms] } : {};
  await expect(
    createRealtimeServer({ ...options, auth: { ...auth, ...algorithms } } as Parameters<
      typeof createRealtimeServer
    >[0]),
  ).rejects.toMatchObject({ code: 'CONFIG_INVALID', detail: { key } });
});
