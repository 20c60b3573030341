import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { onTestFinished } from 'vitest';
import { requireTool } from '../support/external-tool.ts';
import { freePort } from '../support/free-port.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { type RunningCli, startCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { composeServices, readDeployed, readImage } from './compose.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';

export interface DeployedNode {
  host: string;
  cli: RunningCli;
  /** Runs the image's own health check; its exit code. */
  checkHealth(): Promise<number | null>;
  restart(): Promise<void>;
}

/** The nodes of the compose file, as processes, on a Redis of the test's own. */
export async function startNodes(): Promise<{ redis: Redis; nodes: DeployedNode[] }> {
  const [program, ...words] = composeServices()['redis']?.command?.split(' ') ?? [];
  if (program !== 'redis-server') throw new Error(`the Redis of the compose file is "${program}"`);
  // `--appendonly yes`: names and values in turn.
  const pairs = words.flatMap((word, at) => (at % 2 === 0 ? [[word.replace('--', ''), words[at + 1] ?? '']] : []));
  const redis = await startRedis({ options: Object.fromEntries(pairs) as Record<string, string> });
  const services = Object.entries(composeServices()).filter(([name]) => name.startsWith('node-'));
  const nodes = await Promise.all(services.map(([, { environment = {} }]) => startNode(environment, redis.url)));
  return { redis, nodes };
}

async function startNode(environment: Record<string, string>, redisUrl: string): Promise<DeployedNode> {
  const { env, command, healthcheck } = readImage();
  const port = await freePort();
  const start = async () => {
    const cli = startCli(command, {
      env: {
        ...env,
        ...environment,
        RTSERVER_HOST: '127.0.0.1',
        RTSERVER_PORT: String(port),
        RTSERVER_SECRET: SECRET,
        RTSERVER_REDIS_URL: redisUrl,
        // There are no other networks here.
        RTSERVER_TRUST_PROXY: 'loopback',
        RTSERVER_SHUTDOWN_SPREAD: '100ms',
      },
    });
    await cli.waitForLine('"server.listening"', { withinMs: 30_000 });
    return cli;
  };
  const node: DeployedNode = {
    host: `127.0.0.1:${port}`,
    cli: await start(),
    async checkHealth() {
      const [, ...args] = healthcheck.map((word) => word.replace('127.0.0.1:3000', node.host));
      const [code] = (await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'close')) as [number | null];
      return code;
    },
    async restart() {
      await node.cli.stop('SIGTERM', { withinMs: 30_000 });
      node.cli = await start();
    },
  };
  return node;
}

export const tokenOf = (userId: string, claims: object = {}) =>
  jwt.sign({ ...claims, sub: userId }, SECRET, { expiresIn: '1h' });

/** nginx or HAProxy with the file of `examples/deploy`, in which addresses and paths alone are others. */
export async function startProxy(program: 'nginx' | 'haproxy', nodes: readonly DeployedNode[]): Promise<string> {
  const port = await freePort();
  const folder = tempFolder();
  const at = (name: string) => join(folder, name);
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=rt.example'];
  const files = ['-keyout', at('key.pem'), '-out', at('cert.pem')];
  execFileSync(requireTool('openssl'), [...request, ...files], { stdio: 'ignore' });
  writeFileSync(at('cert-and-key.pem'), readFileSync(at('cert.pem'), 'utf8') + readFileSync(at('key.pem'), 'utf8'));

  let config = readDeployed(program === 'nginx' ? 'nginx.conf' : 'haproxy.cfg');
  const replace = (before: string, after: string) => {
    if (!config.includes(before)) throw new Error(`${program}: its file has no "${before}"`);
    config = config.replace(before, after);
  };
  for (const [index, { host }] of nodes.entries()) replace(`node-${index + 1}:3000`, host);
  const args =
    program === 'nginx' ? ['-p', folder, '-e', at('errors'), '-c', at('config')] : ['-db', '-f', at('config')];
  if (program === 'nginx') {
    replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`);
    replace('/etc/nginx/tls/cert.pem', at('cert.pem'));
    replace('/etc/nginx/tls/key.pem', at('key.pem'));
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${at(kind)};`,
    );
    replace('http {', `http {\naccess_log off;\n${folders.join('\n')}`);
    config = `daemon off;\npid ${at('pid')};\n${config}`;
  } else {
    replace(
      'bind :443 ssl crt /etc/haproxy/tls/cert-and-key.pem',
      `bind 127.0.0.1:${port} ssl crt ${at('cert-and-key.pem')}`,
    );
    replace('maxconn 40000', 'maxconn 200');
  }
  writeFileSync(at('config'), config);
  const child = spawn(requireTool(program), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => end(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: ${output}`);
      return isOpen(port);
    },
    { what: `${program} on port ${port}` },
  );
  return `https://127.0.0.1:${port}`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
