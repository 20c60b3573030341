import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/settings-schema.ts';
import { startBuiltServer } from '../hardening/built-server.ts';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { isToolMissing, requireTool } from '../support/external-tool.ts';
import { freePort } from '../support/free-port.ts';
import { nextEvent } from '../support/next-event.ts';
import { startRedis } from '../support/redis.ts';
import { BIN, type CliOptions, runCli, tempFolder } from '../support/run-cli.ts';
import { untilAlone, untilReady } from './traffic.ts';

const start = (url: string, options: CliOptions = {}) =>
  runCli(['start', '--port', '0', '--redis', url], { timeoutMs: 60_000, ...options });

/** This build, installed without the packages that Redis needs. */
function installWithoutPeers(): string {
  const root = dirname(dirname(BIN));
  const folder = join(tempFolder(), 'rtserver');
  for (const name of ['bin', 'dist', 'package.json']) cpSync(join(root, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name === 'ioredis' || name.startsWith('@socket.io')) continue;
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return join(folder, 'bin/rtserver.js');
}

test('start --help says how to make a cluster', async () => {
  const { stdout } = await runCli(['start', '--help']);
  expect(stdout).toMatch(/--redis <url> +one cluster with all servers on this Redis/);
  expect(stdout).toContain('rtserver start --redis redis://127.0.0.1:6379');
});

test('without the packages, start says which command installs them', async () => {
  const bin = installWithoutPeers();
  const { code, stdout, stderr } = await start('redis://127.0.0.1:1', { bin });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'error: --redis: redis.url needs two more packages, which are not installed. Next: npm install ioredis @socket.io/redis-adapter\n',
  );
  // Whoever wants no cluster does not need them.
  expect((await runCli(['token', '--user', '42', '--secret', 'x'.repeat(32)], { bin })).code).toBe(0);
});

test('a Redis that is not there is one error, without the password', async () => {
  const port = await freePort();
  const { code, stdout, stderr } = await start(`redis://app:s3cret@127.0.0.1:${port}/2`, {
    env: { DEBUG: 'rtserver' },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(
    `redis.url: Redis at redis://127.0.0.1:${port}/2 cannot be used: nothing listens there (ECONNREFUSED). Next: start`,
  );
  expect(stderr.match(/^error:/gm)).toHaveLength(1);
  expect(stderr).not.toContain('s3cret');
});

test.each(['http://127.0.0.1', '127.0.0.1:6379', 'redis'])('an address that is none is refused: %s', async (url) => {
  const { code, stderr } = await start(url);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('must be a redis:// or rediss:// URL') });
});

describe.skipIf(isToolMissing('redis-server'))('a Redis', () => {
  test('that refuses the password or has no such database says so at once', async () => {
    const redis = await startRedis();
    await redis.run('ACL', 'SETUSER', 'app', 'on', '>s3cret', '~*', '&*', '+@all');
    const wrong = await start(`redis://app:wr0ng@127.0.0.1:${redis.port}`, { env: { DEBUG: 'rtserver' } });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('WRONGPASS') });
    expect(wrong.stderr).not.toContain('wr0ng');
    const none = await start(`redis://app:s3cret@127.0.0.1:${redis.port}/99`);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('it has no such database') });
  });

  test('is used as the user, and in the database, of the URL; what is said about it is no secret', async () => {
    const redis = await startRedis();
    await redis.run('ACL', 'SETUSER', 'app', 'on', '>s3cret/#', '~*', '&*', '+@all', '-publish');
    const url = `redis://app:s3cret%2F%23@127.0.0.1:${redis.port}/3`;
    const node = await startBuiltServer({ redis: { url } });
    const client = await connectClient(node.url, { token: node.token('ann') });
    expect(await redis.run('INFO', 'keyspace')).toMatch(/db3:keys=/);
    expect(await redis.run('INFO', 'keyspace')).not.toContain('db0');
    await node.request('/api/emit', { body: { event: 'note', payload: 'what nobody may read' } });
    expect(await nextEvent(client, 'note')).toBe('what nobody may read');
    expect(await node.cli.waitForLine('"event.failed"')).toContain('NOPERM');
    // Also not as bytes: no arguments of any command.
    for (const secret of ['what nobody may read', 's3cret', '"args"']) expect(node.cli.stdout).not.toContain(secret);
  });

  test('that does not let a node listen makes it no ready one, until it does', async () => {
    const redis = await startRedis();
    await redis.run('ACL', 'SETUSER', 'app', 'on', '>s3cret', '~*', '&rtserver@*', '+@all');
    const node = await startBuiltServer({ redis: { url: `redis://app:s3cret@127.0.0.1:${redis.port}` } });
    await untilAlone(node, /NOPERM/);
    await redis.run('ACL', 'SETUSER', 'app', 'allchannels');
    await untilReady(node);
  });

  test('keeps clusters apart that have prefixes, or databases, of their own', async () => {
    const { url } = await startRedis();
    const limits = { connectionsPerUser: 1 };
    const places: Settings['redis'][] = [{ url }, { url, prefix: 'other' }, { url: `${url}/1` }];
    const servers = await Promise.all(places.map((redis) => startBuiltServer({ redis, limits })));
    const clients = await Promise.all(servers.map((each) => connectClient(each.url, { token: each.token('42') })));
    for (const [at, server] of servers.entries()) {
      const emitted = await server.request('/api/emit', { body: { event: 'note', payload: at } });
      expect(await emitted.json()).toEqual({ ok: true, recipients: 1 });
      expect(await (await server.request('/api/stats')).json()).toMatchObject({
        cluster: { nodes: [{ connections: 1 }] },
      });
      expect(await attemptConnection(server.url, { token: server.token('42') })).toHaveProperty('refusal');
    }
    const kicked = await servers[0]?.request('/api/users/42/sockets', { method: 'DELETE' });
    expect(await kicked?.json()).toEqual({ ok: true, closed: 1 });
    for (const [at, client] of clients.entries()) expect(await nextEvent(client, 'note')).toBe(at);
    expect(clients.slice(1).map(({ connected }) => connected)).toEqual([true, true]);
  });

  test.skipIf(isToolMissing('openssl'))('over TLS is trusted where its certificate is', async () => {
    const folder = tempFolder();
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(requireTool('openssl'), ['req', '-x509', ...ec, ...subject, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    const tls = { 'tls-cert-file': cert, 'tls-key-file': key, 'tls-auth-clients': 'no' };
    const { url } = await startRedis({ options: tls, tls: { ca: cert } });
    const env = { NODE_EXTRA_CA_CERTS: cert };
    const [first, second] = await Promise.all([0, 1].map(() => startBuiltServer({ redis: { url } }, { env })));
    if (first === undefined || second === undefined) throw new Error('not started');
    const client = await connectClient(second.url, { token: second.token('ann') });
    await first.request('/api/emit', { body: { event: 'note', payload: 1 } });
    expect(await nextEvent(client, 'note')).toBe(1);
    const stranger = await start(url);
    expect(stranger).toMatchObject({ code: 2, stderr: expect.stringContaining('SELF_SIGNED_CERT') });
  });
});
