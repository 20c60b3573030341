import { execFileSync } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isToolMissing, requireTool } from '../support/external-tool.ts';
import { freePort } from '../support/free-port.ts';
import { startRedis } from '../support/redis.ts';
import { runCli, tempFolder } from '../support/run-cli.ts';

const timeout = 240_000;
const timeoutMs = 100_000;

/** `start` ends with one line: what, why, what next. */
async function expectRefused(url: string, why: string, next: string, more: readonly string[] = []): Promise<void> {
  const { code, stdout, stderr } = await runCli(['start', '--port', '0', '--redis', url, ...more], { timeoutMs });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const where = `redis.url: Redis at ${url.replace(/\/\/.*@/, '//')} cannot be used`;
  expect(stderr).toBe(`error: --redis: ${where}: ${why}. Next: ${next}\n`);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ANOTHER = 'or name another with --redis or redis.url';
const PASSWORD = 'give the right ones as redis://USER:PASSWORD@HOST:PORT, out of sight in RTSERVER_REDIS_URL';

describe('start says what is wrong with redis.url', () => {
  test('where HTTP is spoken', { timeout }, async () => {
    const host = await listen(createHttpServer((_, response) => response.end('hello')));
    const next = 'correct the host and the port of --redis or redis.url';
    await expectRefused(`redis://${host}`, 'what answers there is no Redis', next);
  });

  test.each([[[]], [['--workers', '2']]])('where nothing listens %j', { timeout }, async (more) => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expectRefused(url, 'nothing listens there (ECONNREFUSED)', `start Redis there, ${ANOTHER}`, more);
  });

  test('where nobody ever answers', { timeout }, async () => {
    const host = await listen(createServer());
    await expectRefused(`redis://${host}`, 'no answer', `see that it runs, ${ANOTHER}`);
    const next = 'see that it runs, and that it speaks TLS: if not, begin the URL with redis://';
    await expectRefused(`rediss://${host}`, 'no answer (ETIMEDOUT)', next);
  });

  test('where there is no such host', { timeout }, async () => {
    const why = expect.stringMatching(/^there is no such host \((?:ENOTFOUND|EAI_AGAIN)\)$/);
    const { code, stderr } = await runCli(['start', '--port', '0', '--redis', 'redis://nowhere.invalid'], {
      timeoutMs,
    });
    expect({ code, why: /cannot be used: (.*)\. Next: correct the name/.exec(stderr)?.[1] }).toEqual({ code: 2, why });
  });
});

describe.skipIf(isToolMissing('redis-server'))('start says what keeps a Redis from being used', () => {
  test('that is a read-only replica', { timeout }, async () => {
    const [primary, replica] = await Promise.all([startRedis(), startRedis()]);
    await replica.run('REPLICAOF', '127.0.0.1', String(primary.port));
    const next = 'name its primary with --redis or redis.url';
    for (const more of [[], ['--workers', '2']]) {
      await expectRefused(replica.url, 'it is a read-only replica (READONLY)', next, more);
    }
  });

  test('that is full', { timeout }, async () => {
    const redis = await startRedis();
    await redis.run('CONFIG', 'SET', 'maxmemory', '1');
    const why = 'its memory is full (maxmemory), and its policy lets nothing go (OOM)';
    await expectRefused(redis.url, why, `give it more, such as redis-cli CONFIG SET maxmemory 1gb, ${ANOTHER}`);
  });

  test('that wants a password, or another one', { timeout }, async () => {
    const { port } = await startRedis();
    const { url, run } = await startRedis();
    await run('CONFIG', 'SET', 'requirepass', 's3cret');
    await expectRefused(url, 'it wants a password (NOAUTH)', PASSWORD);
    const wrong = url.replace('//', '//:wr0ng@');
    await expectRefused(wrong, 'it does not take this user and password (WRONGPASS)', PASSWORD);
    await expectRefused(
      `redis://nobody:s3cret@127.0.0.1:${port}`,
      'it does not take this user and password (WRONGPASS)',
      PASSWORD,
    );
  });

  test('whose user may not do what a node needs', { timeout }, async () => {
    const { port, run } = await startRedis();
    for (const missing of ['eval', 'get', 'subscribe']) {
      await run('ACL', 'SETUSER', missing, 'on', '>s3cret', '~*', '&*', '+@all', `-${missing}`);
      const { code, stderr } = await runCli(
        ['start', '--port', '0', '--redis', `redis://${missing}:s3cret@127.0.0.1:${port}`],
        { timeoutMs },
      );
      const why = 'its user may not do all that a node needs (NOPERM). Next: give the user the rights';
      expect({ missing, code, stderr }).toEqual({ missing, code: 2, stderr: expect.stringContaining(why) });
    }
  });

  test('that does not speak TLS where it should', { timeout }, async () => {
    const { port } = await startRedis();
    const next = 'see that it runs, and that it speaks TLS: if not, begin the URL with redis://';
    await expectRefused(`rediss://127.0.0.1:${port}`, 'no answer (ETIMEDOUT)', next);
  });

  test.skipIf(isToolMissing('openssl'))('that speaks TLS where it should not', { timeout }, async () => {
    const folder = tempFolder();
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync(requireTool('openssl'), ['req', '-x509', ...ec, ...subject, ...files], { stdio: 'ignore' });
    const options = { 'tls-cert-file': cert, 'tls-key-file': key, 'tls-auth-clients': 'no' };
    const { port } = await startRedis({ options, tls: { ca: cert } });
    const next = 'begin the URL with rediss:// if it speaks TLS; if not, look at its log';
    await expectRefused(`redis://127.0.0.1:${port}`, 'it ends the connection (ECONNRESET)', next);
  });
});
