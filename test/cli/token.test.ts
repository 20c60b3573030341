import { generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { createFolder } from './place.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';
const mint = (...flags: string[]) => runCli(['token', '--user', '42', '--secret', SECRET, ...flags]);
const read = (token: string) => jwt.verify(token.trim(), SECRET) as jwt.JwtPayload;

test('prints a token that jsonwebtoken verifies, and nothing else', async () => {
  const { code, stdout, stderr } = await mint();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const { sub, exp = 0, iat = 0 } = read(stdout);
  expect(sub).toBe('42');
  expect(exp - iat).toBeGreaterThanOrEqual(3_600);
  expect(exp - iat).toBeLessThan(3_601.5);
});

test('puts the flags into the claims', async () => {
  const claims = JSON.stringify({ role: 'editor', scope: 'read' });
  const flags = ['--claims', claims, '--room', 'protocol:*', '--room', 'lobby', '--admin', '--expires-in', '8h'];
  const { exp = 0, iat = 0, ...rest } = read((await mint(...flags)).stdout);
  expect(rest).toMatchObject({ sub: '42', role: 'editor', scope: 'read admin', rooms: ['protocol:*', 'lobby'] });
  expect(Math.round((exp - iat) / 3_600)).toBe(8);
});

test('a lifetime that nobody can use is warned of: a number without a unit is milliseconds', async () => {
  const { code, stderr } = await mint('--expires-in', '60');
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^warning: .* 60ms: .*milliseconds.*60s/),
  });
});

test('--json prints the token, the user and when it expires', async () => {
  const { token, ...rest } = JSON.parse((await mint('--json')).stdout) as { token: string };
  expect(rest).toEqual({ userId: '42', expiresAt: Number(read(token).exp) * 1_000 });
});

test.for([
  ['{"role":', /line 1, column 9/],
  ['["a"]', /JSON object/],
  ['{"sub":"43"}', /"sub".*--user/],
  ['{"exp":1}', /"exp".*--expires-in/],
] as const)('refuses --claims %s', async ([claims, message]) => {
  const { code, stdout, stderr } = await mint('--claims', claims);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

test('without a user or without a secret it says what to type', async () => {
  const nobody = await runCli(['token', '--secret', SECRET]);
  expect(nobody).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('rtserver token --user 42') });
  const nothing = await runCli(['token', '--user', '42']);
  expect(nothing).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('rtserver start') });
});

describe('the secret', () => {
  test('is a value, a file or a variable, by flag before environment before file before .rtserver/secret', async () => {
    const folder = createFolder();
    const who = async (args: string[], env: Record<string, string> = {}) => {
      const { stdout, stderr } = await folder.run(['token', '--user', '42', ...args], { env });
      const secrets = ['dev', 'file', 'env', 'flag', 'named', 'variable'].map((name) => `${name}-${SECRET}`);
      const fitting = secrets.filter((secret) => {
        try {
          return jwt.verify(stdout.trim(), secret);
        } catch {
          return false;
        }
      });
      return fitting.map((secret) => secret.split('-')[0]).join() || stderr;
    };
    folder.write('.rtserver/secret', `dev-${SECRET}\n`);
    expect(await who([])).toBe('dev');
    // Without a configuration file the settings take a shorter way.
    expect(await who([], { RTSERVER_SECRET: `env-${SECRET}` })).toBe('env');
    expect(await who(['--secret', `flag-${SECRET}`], { RTSERVER_SECRET: `env-${SECRET}` })).toBe('flag');
    folder.write('rtserver.config.json', { auth: { secret: `file-${SECRET}` } });
    expect(await who([])).toBe('file');
    expect(await who([], { RTSERVER_SECRET: '' })).toBe('file');
    expect(await who([], { RTSERVER_SECRET: `env-${SECRET}` })).toBe('env');
    expect(await who(['--secret', `flag-${SECRET}`], { RTSERVER_SECRET: `env-${SECRET}` })).toBe('flag');
    folder.write('named.txt', `named-${SECRET}\n`);
    expect(await who(['--secret', '@named.txt'])).toBe('named');
    expect(await who(['--secret', 'env:MINE'], { MINE: `variable-${SECRET}` })).toBe('variable');
  });

  test('that a file names as @file is relative to that file', async () => {
    const folder = createFolder();
    folder.write('conf/secret.txt', SECRET);
    folder.write('conf/rtserver.config.json', { auth: { secret: '@secret.txt' } });
    const { stdout } = await folder.run(['token', '--user', '42', '--config', 'conf/rtserver.config.json']);
    expect(read(stdout).sub).toBe('42');
  });

  test.for([
    ['env:MISSING', /MISSING is not set/],
    ['env:EMPTY', /EMPTY is empty/],
    ['@missing.txt', /--secret.*missing\.txt/],
    ['@empty.txt', /empty file.*empty\.txt/],
  ] as const)('%s is a clear error where there is nothing behind it', async ([said, message]) => {
    const folder = createFolder();
    folder.write('empty.txt', '\n');
    const { code, stderr } = await folder.run(['token', '--user', '42', '--secret', said], { env: { EMPTY: '' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('is asked for where only a public key is known', async () => {
    const folder = createFolder();
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    folder.write('public.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    folder.write('rtserver.config.json', { auth: { publicKey: '@public.pem' } });
    const { code, stderr } = await folder.run(['token', '--user', '42']);
    expect(code).toBe(2);
    expect(stderr).toContain('public key');
    expect(stderr).toContain('--token');
  });
});

describe('verify', () => {
  const verify = (token: string, ...flags: string[]) =>
    runCli(['token', 'verify', '--secret', SECRET, ...flags, token === '-' ? '-' : token]);

  test('says whose token it is', async () => {
    const token = jwt.sign({ sub: '42', scope: 'admin' }, SECRET, { expiresIn: '1h' });
    expect(await verify(token)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^valid: user 42, .*admin/) });
    const { code, stdout } = await verify(token, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, userId: '42', claims: { sub: '42', scope: 'admin' } });
  });

  test('reads it from stdin', async () => {
    const token = jwt.sign({ sub: '42' }, SECRET);
    const result = await runCli(['token', 'verify', '-', '--secret', SECRET], { input: `${token}\n` });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('user 42') });
  });

  test.for([
    ['another signature', () => jwt.sign({ sub: '42' }, 'another'), { code: 'TOKEN_INVALID', reason: 'signature' }],
    ['no subject', () => jwt.sign({}, SECRET), { code: 'TOKEN_INVALID', reason: 'subject' }],
    ['no algorithm', () => jwt.sign({ sub: '42' }, '', { algorithm: 'none' }), { reason: 'algorithm' }],
    ['not yet', () => jwt.sign({ sub: '42' }, SECRET, { notBefore: '1h' }), { reason: 'not active' }],
    ['no longer', () => jwt.sign({ sub: '42', exp: 1_000 }, SECRET), { code: 'TOKEN_EXPIRED', expiredAt: 1_000_000 }],
    ['no token', () => 'rubbish', { code: 'TOKEN_INVALID', reason: 'malformed' }],
  ] as [string, () => string, object][])('exit 4 says why not: %s', async ([, make, expected]) => {
    const { code, stdout } = await verify(make(), '--json');
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, message: expect.any(String), ...expected });
  });

  test('goes by the issuer and the audience of the configuration, which `token` puts in', async () => {
    const folder = createFolder();
    folder.write('rtserver.config.yaml', `auth:\n  secret: ${SECRET}\n  issuer: us\n  audience: them\n`);
    const { stdout } = await folder.run(['token', '--user', '42']);
    expect(read(stdout)).toMatchObject({ iss: 'us', aud: 'them' });
    expect(await folder.run(['token', 'verify', stdout.trim()])).toMatchObject({ code: 0 });
    const stranger = jwt.sign({ sub: '42', iss: 'others', aud: 'them' }, SECRET);
    expect(await folder.run(['token', 'verify', stranger])).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('issuer'),
    });
  });
});
