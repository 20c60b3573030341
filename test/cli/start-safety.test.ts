import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeSelfSigned } from '../probe/probe-peers.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { createFolder, startPlace } from './place.ts';
import { runMain } from './run-main.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';
const PRODUCTION = { NODE_ENV: 'production' };

/** `start` that must not get as far as listening. */
async function refusal(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { cwd } = createFolder();
  const { code, stdout, stderr } = await runMain(['start', ...args], { cwd, env });
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: .*\n/);
  expect(existsSync(join(cwd, '.rtserver')), 'a refused start leaves nothing behind').toBe(false);
  return stderr;
}

describe('beyond loopback', () => {
  test.for(['0.0.0.0', '::', '192.168.1.1', 'rt.example'])('%s needs a secret that somebody chose', async (host) => {
    const said = await refusal(['--host', host]);
    expect(said).toContain(`will not listen on ${host} without a secret`);
    expect(said).toMatch(/^Next: export RTSERVER_SECRET="\$\(openssl rand -base64 32\)"$/m);
  });

  test('a secret that can be guessed is refused by its length, and not shown', async () => {
    const said = await refusal(['--host', '0.0.0.0', '--secret', 'swordfish-swordfish-swordfish-1']);
    expect(said).toMatch(
      /^error: --secret and --host: auth\.secret must have at least 32 bytes .*openssl rand -base64 32/,
    );
    expect(said).not.toContain('swordfish');
  });

  test('a public key is enough', async () => {
    const folder = createFolder();
    const { publicKey } = generateKeyPairSync('ed25519');
    folder.write('public.pem', publicKey.export({ type: 'spki', format: 'pem' }));
    folder.write('rtserver.config.yaml', 'auth:\n  publicKey: "@public.pem"\n');
    const { server } = await startPlace(['--host', '0.0.0.0'], { folder });
    expect(server.stderr).toBe('');
    expect(existsSync(join(folder.cwd, '.rtserver/secret'))).toBe(false);
  });
});

test.for(['127.0.0.1', 'localhost', '127.1.2.3'])('on loopback, %s, it makes a secret by itself', async (host) => {
  const { server, cwd } = await startPlace(['--host', host]);
  expect(server.stderr).toBe('');
  expect(readFileSync(join(cwd, '.rtserver/.gitignore'), 'utf8')).toBe('*\n');
});

test('on loopback a short secret is a warning that does not show it', async () => {
  const { server } = await startPlace(['--secret', 'swordfish']);
  expect(server.stderr).toMatch(/^warning: the secret has fewer than 32 bytes and can be guessed; .*openssl rand/);
  expect(server.stderr).not.toContain('swordfish');
});

describe('with NODE_ENV=production', () => {
  test('it makes no secret by itself', async () => {
    expect(await refusal([], PRODUCTION)).toMatch(
      /^error: will not make a secret by itself with NODE_ENV=production\nNext:/,
    );
  });

  test('it does not let any web page connect', async () => {
    const said = await refusal(['--secret', SECRET, '--origin', '*'], PRODUCTION);
    expect(said).toMatch(/any web page may not connect.*\nNext: set cors\.origins \(--origin\)/);
    expect(await refusal(['--secret', SECRET], { ...PRODUCTION, RTSERVER_CORS_ORIGINS: 'https://a.example,*' })).toBe(
      said,
    );
    for (const origin of ['https://*', 'https://*:*', 'https://*.com', 'https://*.com:8443']) {
      expect(await refusal(['--secret', SECRET, '--origin', origin], PRODUCTION)).toBe(said);
    }
    await startPlace(['--origin', 'https://*.app.example'], { env: { ...PRODUCTION, RTSERVER_SECRET: SECRET } });
  });

  test('it sends no tokens unencrypted beyond loopback, unless a proxy encrypts', async () => {
    const said = await refusal(['--secret', SECRET, '--host', '0.0.0.0'], PRODUCTION);
    expect(said).toMatch(/unencrypted to 0\.0\.0\.0\nNext: pass --tls-cert and --tls-key, or --insecure-http/);
    const env = { ...PRODUCTION, RTSERVER_SECRET: SECRET };
    const { server } = await startPlace(['--host', '0.0.0.0', '--insecure-http'], { env });
    expect(server.stderr).toBe('');
    await startPlace(['--host', '0.0.0.0'], { env: { ...env, RTSERVER_INSECURE_HTTP: 'true' } });
  });

  test('it runs on loopback with a secret, behind whatever stands there', async () => {
    const { server } = await startPlace([], { env: { ...PRODUCTION, RTSERVER_SECRET: SECRET } });
    expect(server.stderr).toBe('');
  });

  test.skipIf(isToolMissing('openssl'))('it runs beyond loopback with TLS, and the commands reach it', async () => {
    const { certFile, keyFile } = makeSelfSigned();
    const env = { ...PRODUCTION, RTSERVER_SECRET: SECRET };
    const tls = ['--host', '0.0.0.0', '--tls-cert', certFile, '--tls-key', keyFile];
    const place = await startPlace(tls, { env });
    expect(place.url).toMatch(/^https:/);
    const trusting = { ...env, NODE_EXTRA_CA_CERTS: certFile };
    const join = ['join', '--user', '42', '--duration', '1ms'];
    expect(await place.run(['ls', 'rooms', '--json'], { env: trusting })).toMatchObject({ code: 0, stderr: '' });
    expect(await place.run(join, { env: trusting })).toMatchObject({ code: 0 });
    expect(await place.run(['ls', 'rooms'], { env })).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/self-signed certificate/),
    });
    expect(await place.run(join, { env })).toMatchObject({ code: 3 });
  });
});
