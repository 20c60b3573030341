import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRealtimeServer, type RealtimeServerOptions } from '../../src/index.ts';
import type { ConnectResult } from '../../src/wire/namespaces.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { runCli } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';

const timeoutMs = 20_000;
const SECRET = 'a-secret-for-tests-that-is-long-enough';

async function enter(url: string, token: string): Promise<ConnectResult> {
  const wire = await openWire(url, { timeoutMs });
  onTestFinished(() => wire.drop());
  return wire.connect({ auth: { token }, timeoutMs });
}

const sign = (alg: string, key: KeyObject | Uint8Array) =>
  new SignJWT({ sub: '42' }).setProtectedHeader({ alg }).setIssuedAt().setExpirationTime('1h').sign(key);

const bytes = (text: string) => new TextEncoder().encode(text);
const toPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;

const makeRsa = () => generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve });
const FAMILIES = [
  { name: 'RSA', makePair: makeRsa, algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] },
  { name: 'P-256', makePair: ec('prime256v1'), algorithms: ['ES256'] },
  { name: 'P-384', makePair: ec('secp384r1'), algorithms: ['ES384'] },
  { name: 'P-521', makePair: ec('secp521r1'), algorithms: ['ES512'] },
  { name: 'Ed25519', makePair: () => generateKeyPairSync('ed25519'), algorithms: ['EdDSA'] },
];

describe.each(FAMILIES)('a public key, $name', ({ makePair, algorithms }) => {
  const mine = makePair();
  const foreign = makePair();
  const pem = toPem(mine.publicKey);

  test('lets in who was signed for by its private key, with each algorithm that fits', async () => {
    const { url } = await startServer({ auth: { publicKey: pem }, limits: { connectionsPerUser: 10 } });
    for (const algorithm of algorithms) {
      expect(await enter(url, await sign(algorithm, mine.privateKey)), algorithm).toMatchObject({ ok: true });
      expect(await enter(url, await sign(algorithm, foreign.privateKey)), algorithm).toMatchObject({
        ok: false,
        code: 'TOKEN_INVALID',
        data: { reason: 'signature' },
      });
    }
  });

  test('is never an HMAC secret, in whatever form, and none is never an algorithm', async () => {
    const { url } = await startServer({ auth: { publicKey: pem } });
    const der = new Uint8Array(mine.publicKey.export({ type: 'spki', format: 'der' }));
    const secrets = [bytes(pem), bytes(pem.trim()), bytes(pem.replaceAll('\n', '')), der];
    const forged = await Promise.all(
      ['HS256', 'HS384', 'HS512'].flatMap((algorithm) => secrets.map((secret) => sign(algorithm, secret))),
    );
    const unsigned = new UnsecuredJWT({ sub: '42' }).encode();
    const valid = await sign(algorithms[0] ?? '', mine.privateKey);
    const [, payload] = valid.split('.');
    const heads = ['none', 'None', 'NONE', 'nOnE', '', null, ['none'], 0].map((alg) =>
      Buffer.from(JSON.stringify({ alg })).toString('base64url'),
    );
    for (const token of [...forged, unsigned, ...heads.map((head) => `${head}.${payload}.`)]) {
      expect(await enter(url, token)).toMatchObject({ ok: false, code: 'TOKEN_INVALID' });
    }
  });

  test('does not believe a key that the token brings along', async () => {
    const { url } = await startServer({ auth: { publicKey: pem } });
    const jwk = foreign.publicKey.export({ format: 'jwk' });
    const token = await new SignJWT({ sub: '42' })
      .setProtectedHeader({ alg: algorithms[0] ?? '', jwk: jwk as { kty: string }, jku: 'http://127.0.0.1:1/' })
      .sign(foreign.privateKey);
    expect(await enter(url, token)).toMatchObject({ ok: false, data: { reason: 'signature' } });
  });
});

test('a secret is HS256 by itself, and HS384 and HS512 where auth.algorithms says so', async () => {
  const algorithms = ['HS256', 'HS384', 'HS512'];
  for (const allowed of [undefined, ...algorithms]) {
    const auth = { secret: SECRET, ...(allowed !== undefined && { algorithms: [allowed] }) };
    const { url, server } = await startServer({ auth });
    for (const algorithm of algorithms) {
      const answer = await enter(url, await sign(algorithm, bytes(SECRET.padEnd(64, '\0').slice(0, SECRET.length))));
      expect(answer.ok, `${allowed}, ${algorithm}`).toBe(algorithm === (allowed ?? 'HS256'));
    }
    await server.close();
  }
});

test('a previous secret logs nobody out, opens nothing by itself, and is gone when it is taken away', async () => {
  const [before, now] = ['the-secret-before-that-is-long-enough!', 'the-secret-now-that-is-long-enough-too'];
  const old = await sign('HS256', bytes(before));
  const fresh = await sign('HS256', bytes(now));
  const rotating = await startServer({ auth: { secret: now, previousSecret: before } });
  for (const token of [old, fresh]) expect(await enter(rotating.url, token)).toMatchObject({ ok: true });
  const strange = await sign('HS256', bytes('a-third-secret-that-is-nobody-knows-at-all'));
  expect(await enter(rotating.url, strange)).toMatchObject({ ok: false, data: { reason: 'signature' } });
  await rotating.server.close();
  const after = await startServer({ auth: { secret: now } });
  expect(await enter(after.url, old)).toMatchObject({ ok: false, data: { reason: 'signature' } });
});

const pem = toPem(generateKeyPairSync('ed25519').publicKey);
const jwksUri = 'https://keys.example/jwks.json';
const REFUSED: readonly [name: string, options: RealtimeServerOptions, key: RegExp][] = [
  ['a short secret outside loopback', { host: '0.0.0.0', auth: { secret: 'short' } }, /auth\.secret must have/],
  [
    'a short previous secret outside loopback',
    { host: '0.0.0.0', auth: { secret: SECRET, previousSecret: 'short' } },
    /auth\.previousSecret/,
  ],
  ['a secret and a public key', { auth: { secret: SECRET, publicKey: pem } }, /exclude each other/],
  ['a public key and a JWK Set', { auth: { publicKey: pem, jwksUri } }, /exclude each other/],
  ['a previous secret without a secret', { auth: { publicKey: pem, previousSecret: SECRET } }, /goes with auth.secret/],
  ['a JWK Set over plain HTTP', { auth: { jwksUri: 'http://keys.example/jwks.json' } }, /https/],
  ['a public key that is none', { auth: { publicKey: 'nonsense' } }, /public key/],
  ['an algorithm that does not fit', { auth: { publicKey: pem, algorithms: ['HS256'] } }, /does not fit/],
  ['the algorithm none', { auth: { secret: SECRET, algorithms: ['none'] } }, /does not fit/],
  ['a public key as secret', { auth: { secret: pem } }, /public key/],
  ['nothing to verify with', { auth: {} }, /is missing/],
];

test.each(REFUSED)('%s is refused at the start, and the secret is not repeated', async (_name, options, message) => {
  const start = createRealtimeServer({ port: 0, log: { level: 'silent' }, ...options });
  const error = await start.then(
    async (server) => {
      await server.close();
      return new Error('it started');
    },
    (thrown: Error) => thrown,
  );
  expect(error.message).toMatch(message);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(error.message).not.toMatch(/short|long-enough/);
});

test('the built program says so in a line and ends with 2', async () => {
  const { code, stderr, stdout } = await runCli(['start', '--port', '0', '--host', '0.0.0.0', '--secret', 'short-one']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/32 bytes/);
  expect(stderr + stdout).not.toContain('short-one');
});
