import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';
import { type MainResult, runMain } from './run-main.ts';

const named = (name: string) => `the-secret-from-${name}-0123456789abcdef`;

/** A folder with a secret in every place at once. */
function folderOfSecrets(): { cwd: string; write(path: string, text: string): void } {
  const cwd = tempFolder();
  const write = (path: string, text: string) => {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text);
  };
  write('.rtserver/secret', `${named('folder')}\n`);
  return { cwd, write };
}

async function mint(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const result = await runMain(['token', '--user', '42', ...args], { cwd, env });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return result.stdout.trim();
}

const expectSignedWith = (token: string, secret: string) =>
  expect(jwt.verify(token, secret, { algorithms: ['HS256'] })).toMatchObject({ sub: '42' });

describe('the secret comes from', () => {
  test('--secret before RTSERVER_SECRET before the configuration file before .rtserver/secret', async () => {
    const { cwd, write } = folderOfSecrets();
    const env = { RTSERVER_SECRET: named('variable') };
    expectSignedWith(await mint(cwd, []), named('folder'));
    write('rtserver.config.json', JSON.stringify({ auth: { secret: named('file') } }));
    expectSignedWith(await mint(cwd, []), named('file'));
    expectSignedWith(await mint(cwd, [], { RTSERVER_SECRET: '' }), named('file'));
    expectSignedWith(await mint(cwd, [], { RTSERVER_AUTH_SECRET: named('long-name') }), named('long-name'));
    expectSignedWith(await mint(cwd, [], { ...env, RTSERVER_AUTH_SECRET: named('long-name') }), named('variable'));
    expectSignedWith(await mint(cwd, [], env), named('variable'));
    expectSignedWith(await mint(cwd, ['--secret', named('flag')], env), named('flag'));
  });

  test('@file, relative to the folder for a flag and a variable, to the configuration file for what it says', async () => {
    const { cwd, write } = folderOfSecrets();
    write('secret.txt', `${named('here')}\n`);
    write('etc/secret.txt', `${named('there')}\r\n`);
    write('etc/rt.yaml', 'auth:\n  secret: "@secret.txt"\n');
    expectSignedWith(await mint(cwd, ['--secret', '@secret.txt']), named('here'));
    expectSignedWith(await mint(cwd, [], { RTSERVER_SECRET: '@secret.txt' }), named('here'));
    expectSignedWith(await mint(cwd, ['--config', 'etc/rt.yaml']), named('there'));
    expectSignedWith(await mint(cwd, [], { RTSERVER_CONFIG: 'etc/rt.yaml' }), named('there'));
    expectSignedWith(await mint(cwd, ['--config', 'etc/rt.yaml', '--secret', '@secret.txt']), named('here'));
    expectSignedWith(await mint(cwd, ['--secret', `@${join(cwd, 'etc/secret.txt')}`]), named('there'));
  });

  test('env:NAME, from a flag, a variable and a configuration file', async () => {
    const { cwd, write } = folderOfSecrets();
    const env = { JWT_SECRET: named('elsewhere') };
    expectSignedWith(await mint(cwd, ['--secret', 'env:JWT_SECRET'], env), named('elsewhere'));
    expectSignedWith(await mint(cwd, [], { ...env, RTSERVER_SECRET: 'env:JWT_SECRET' }), named('elsewhere'));
    write('rtserver.config.yaml', 'auth:\n  secret: env:JWT_SECRET\n');
    expectSignedWith(await mint(cwd, [], env), named('elsewhere'));
  });
});

describe('a secret that cannot be had is exit code 2, and says who named it:', () => {
  const refuse = async (result: Promise<MainResult>, message: RegExp) => {
    const { code, stdout, stderr } = await result;
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  };
  const token = ['token', '--user', '42'];

  test('a file that is not there, or empty', async () => {
    const { cwd, write } = folderOfSecrets();
    write('empty', ' \n');
    await refuse(
      runMain([...token, '--secret', '@no'], { cwd }),
      /^error: --secret names a file that cannot be read: .*\/no: there is no such file\n/,
    );
    await refuse(
      runMain([...token, '--secret', '@empty'], { cwd }),
      /^error: --secret names an empty file: .*\/empty\n/,
    );
    await refuse(runMain([...token, '--secret', '@.'], { cwd }), /^error: --secret names a file that cannot be read/);
    write('rtserver.config.json', '{"auth":{"secret":"@no"}}');
    await refuse(runMain(token, { cwd }), /^error: auth\.secret in .*rtserver\.config\.json names a file that cannot/);
  });

  test('a variable that is not set, or empty', async () => {
    const env = { RTSERVER_SECRET: 'env:NOPE', EMPTY: '' };
    await refuse(
      runMain(token, { env }),
      /^error: RTSERVER_SECRET says env:NOPE, but the environment variable NOPE is not set/,
    );
    await refuse(runMain([...token, '--secret', 'env:EMPTY'], { env }), /variable EMPTY is empty/);
  });

  test('no secret anywhere, or an empty one in the folder', async () => {
    const none = runMain(token);
    await refuse(none, /^error: no secret to sign a token with: .*\nNext: `rtserver start` in this folder makes one/);
    const { cwd, write } = folderOfSecrets();
    write('.rtserver/secret', '\n');
    await refuse(runMain(token, { cwd }), /is an empty file: .*\nNext: rm /);
  });

  test('a server that verifies with a public key', async () => {
    const { cwd, write } = folderOfSecrets();
    write('rtserver.config.yaml', 'auth:\n  jwksUri: https://id.example/keys\n');
    await refuse(runMain(token, { cwd }), /no token can be made here: .*JWK Set.*\nNext: .*--token or RTSERVER_TOKEN/);
  });
});
