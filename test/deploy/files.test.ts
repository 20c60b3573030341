import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isToolMissing } from '../support/external-tool.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { composeServices, deployPath, readDeployed, readImage } from './compose.ts';
import { startNodes } from './start-cluster.ts';

const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');

test('the page links every file of the example', () => {
  for (const name of readdirSync(deployPath('.'))) expect(page).toContain(`(../examples/deploy/${name})`);
});

test.each(['compose.yml', 'kubernetes.yml'])('%s is YAML without mistakes', (name) => {
  const documents = parseAllDocuments(readDeployed(name), { merge: true });
  for (const { errors, warnings } of documents as { errors: unknown[]; warnings: unknown[] }[]) {
    expect([...errors, ...warnings]).toEqual([]);
  }
});

test('the compose file mounts files that there are, and both of its nodes are the same', () => {
  const services = composeServices();
  expect(services['node-1']).toEqual(services['node-2']);
  const mounted = services['proxy']?.volumes?.map((volume) => volume.split(':')[0] ?? '') ?? [];
  expect(mounted).toEqual(['./nginx.conf', './tls']);
  expect(existsSync(deployPath('nginx.conf'))).toBe(true);
});

describe.skipIf(isToolMissing('redis-server'))('its nodes, as processes', () => {
  test('are healthy by the health check of the image, also without Redis, until they end', {
    timeout: 120_000,
  }, async () => {
    const { redis, nodes } = await startNodes();
    for (const node of nodes) expect(await node.checkHealth()).toBe(0);
    await redis.stop();
    for (const { host } of nodes) await until(async () => (await fetch(`http://${host}/readyz`)).status === 503);
    for (const node of nodes) expect(await node.checkHealth()).toBe(0);
    await nodes[0]?.cli.stop('SIGTERM', { withinMs: 30_000 });
    expect(await nodes[0]?.checkHealth()).toBe(1);
    expect(readImage().healthcheck[0]).toBe('node');
  });

  test('have the Redis of the compose file, which is healthy by its own check', { timeout: 120_000 }, async () => {
    const { redis } = await startNodes();
    expect(await redis.run('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    const [program = '', ...args] = composeServices()['redis']?.healthcheck?.test.split(' ') ?? [];
    expect(program).toBe('redis-cli');
    const check = () => spawnSync(program, ['-p', String(redis.port), ...args]).status;
    expect(check()).toBe(0);
    await redis.stop();
    expect(check()).not.toBe(0);
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasSystemd)('systemd takes the unit as it is', () => {
  const unit = join(tempFolder(), 'rtserver.service');
  writeFileSync(unit, readDeployed('rtserver.service').replace('/usr/local/bin/rtserver', process.execPath));
  expect(execFileSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8', stdio: 'pipe' })).toBe('');
});
