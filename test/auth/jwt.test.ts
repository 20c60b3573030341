import { createHmac, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { expectNoEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (fromNow: number) => Math.floor(Date.now() / 1_000) + fromNow;

/** By hand, so that headers and claims can be anything. */
function sign(header: object, claims: unknown, secret: string): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const HS256 = { alg: 'HS256', typ: 'JWT' };
type Forge = (secret: string) => string;

const INVALID: readonly [name: string, reason: string, forge: Forge][] = [
  ['another secret', 'signature', () => jwt.sign({ sub: '42' }, 'another-secret-that-is-long-enough')],
  ['no signature', 'signature', (secret) => `${jwt.sign({ sub: '42' }, secret).split('.', 2).join('.')}.`],
  [
    'claims that were changed after signing',
    'signature',
    (secret) => {
      const [header, , signature] = jwt.sign({ sub: '42' }, secret).split('.');
      return `${header}.${encode({ sub: 'admin' })}.${signature}`;
    },
  ],
  ['alg none', 'algorithm', () => `${encode({ alg: 'none' })}.${encode({ sub: '42' })}.`],
  ['alg NONE and a signature', 'algorithm', (secret) => sign({ alg: 'NONE' }, { sub: '42' }, secret)],
  ['no alg', 'algorithm', (secret) => sign({ typ: 'JWT' }, { sub: '42' }, secret)],
  ['alg HS512', 'algorithm', (secret) => jwt.sign({ sub: '42' }, secret, { algorithm: 'HS512' })],
  [
    'alg RS256',
    'algorithm',
    () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
      return jwt.sign({ sub: '42' }, privateKey, { algorithm: 'RS256' });
    },
  ],
  ['a header that is no JSON', 'malformed', (secret) => `!!!.${jwt.sign({ sub: '42' }, secret).split('.')[1]}.x`],
  ['claims that are text', 'malformed', (secret) => sign(HS256, 'text', secret)],
  ['claims that are null', 'malformed', (secret) => sign(HS256, null, secret)],
  ['an exp that is text', 'malformed', (secret) => sign(HS256, { sub: '42', exp: 'tomorrow' }, secret)],
  ['an nbf in an hour', 'not active', (secret) => jwt.sign({ sub: '42', nbf: seconds(3_600) }, secret)],
  ['no sub', 'subject', (secret) => jwt.sign({ name: '42' }, secret)],
  ['an empty sub', 'subject', (secret) => sign(HS256, { sub: '' }, secret)],
  ['a sub of 129 characters', 'subject', (secret) => jwt.sign({ sub: 'x'.repeat(129) }, secret)],
  ['a sub that is a number', 'subject', (secret) => sign(HS256, { sub: 42 }, secret)],
  ['a sub that is null', 'subject', (secret) => sign(HS256, { sub: null }, secret)],
  ['a sub that is a list', 'subject', (secret) => sign(HS256, { sub: ['42'] }, secret)],
];

describe('refuses as TOKEN_INVALID', () => {
  test.each(INVALID)('a JWT with %s, reason "%s"', async (_name, reason, forge) => {
    const { url, secret, logs } = await startServer();
    const token = forge(secret);
    const { message, data } = await expectRefusal(url, { token });
    expect(message).toBe('Invalid token');
    expect(data).toEqual({
      code: 'TOKEN_INVALID',
      message: 'Invalid token',
      retry: false,
      reason,
      correlationId: expect.any(String),
    });
    expect(await logs.next('connection.refused')).toMatchObject({ code: 'TOKEN_INVALID', reason, level: 40 });
  });

  test.each([undefined, 'https://other.example', ['https://other.example'], 1])(
    'another issuer: iss %j',
    async (iss) => {
      const { url, secret } = await startServer({ auth: { issuer: 'https://id.example' } });
      const token = sign(HS256, { sub: '42', iss }, secret);
      expect((await expectRefusal(url, { token })).data).toMatchObject({ code: 'TOKEN_INVALID', reason: 'issuer' });
    },
  );

  test.each([undefined, 'other', ['other'], []])('another audience: aud %j', async (aud) => {
    const { url, secret } = await startServer({ auth: { audience: 'rt' } });
    const token = sign(HS256, { sub: '42', aud }, secret);
    expect((await expectRefusal(url, { token })).data).toMatchObject({ code: 'TOKEN_INVALID', reason: 'audience' });
  });
});

test('lets in the right issuer and audience, also as one of several', async () => {
  const { url, token } = await startServer({ auth: { issuer: 'https://id.example', audience: 'rt' } });
  const claims = { iss: 'https://id.example', aud: ['web', 'rt'] };
  expect((await connectClient(url, { token: token('42', { claims }) })).ready.userId).toBe('42');
});

test('lets in a sub of 128 characters, and of any script', async () => {
  const { url, token } = await startServer();
  for (const userId of ['x'.repeat(128), 'Zoë 北京', 'user:1', '__proto__']) {
    const { ready } = await connectClient(url, { token: token(userId) });
    expect(ready).toMatchObject({ userId, rooms: [`user:${userId}`] });
  }
});

test('refuses an expired token and says since when', async () => {
  const { url, secret } = await startServer();
  const exp = seconds(-60);
  const { message, data } = await expectRefusal(url, { token: jwt.sign({ sub: '42', exp }, secret) });
  expect(message).toBe('Token expired');
  expect(data).toEqual({
    code: 'TOKEN_EXPIRED',
    message: 'Token expired',
    retry: false,
    expiredAt: exp * 1_000,
    correlationId: expect.any(String),
  });
});

test('allows for clocks that differ by auth.clockToleranceSeconds', async () => {
  const { url, secret } = await startServer({ auth: { clockToleranceSeconds: 120 } });
  const late = jwt.sign({ sub: '42', nbf: seconds(60) }, secret);
  expect((await connectClient(url, { token: late })).ready.userId).toBe('42');
  const older = jwt.sign({ sub: '42', exp: seconds(-600) }, secret);
  expect((await expectRefusal(url, { token: older })).data.code).toBe('TOKEN_EXPIRED');
});

test('keeps a connection whose token expired within the tolerance until that is over', async () => {
  const { url, secret } = await startServer({ auth: { clockToleranceSeconds: 3_600 } });
  const socket = await connectClient(url, { token: jwt.sign({ sub: '42', exp: seconds(-60) }, secret) });
  for (let count = 0; count < 20; count += 1) await expectNoEvent(socket, 'closing');
});
