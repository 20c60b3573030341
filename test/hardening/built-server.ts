import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import type { Stats } from '../../src/contract/stats.ts';
import type { Settings } from '../../src/settings-schema.ts';
import { type CliOptions, type RunningCli, startCliServer, tempFolder } from '../support/run-cli.ts';

/** What a test needs of a server, whether it runs in this process or in its own. */
export interface TestedServer {
  url: string;
  token(userId: string): string;
  request(path: string, options?: { method?: string; body?: unknown }): Promise<Response>;
}

export interface BuiltServer extends TestedServer {
  cli: RunningCli;
  adminToken: string;
}

const SECRET = 'a-secret-for-tests-that-is-long-enough';

/** The built program as a process of its own, configured by a file. */
export async function startBuiltServer(settings: Settings = {}, options: CliOptions = {}): Promise<BuiltServer> {
  const cwd = tempFolder();
  const auth = { secret: SECRET, ...settings.auth };
  // So that all tests can be run on either way of delivery.
  const fastPath = process.env['RTSERVER_FAST_PATH'] !== '0';
  writeFileSync(join(cwd, 'rtserver.config.json'), JSON.stringify({ fastPath, ...settings, auth }));
  const { cli, url } = await startCliServer([], { ...options, cwd });
  const token = (userId: string, claims: object = {}) =>
    jwt.sign({ ...claims, sub: userId }, SECRET, { expiresIn: '1h' });
  const adminToken = token('admin', { scope: 'admin' });
  return {
    cli,
    adminToken,
    url,
    token: (userId) => token(userId),
    request: (path, { method, body } = {}) =>
      fetch(new URL(path, url), {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
}

export async function readStats({ request }: Pick<TestedServer, 'request'>): Promise<Stats> {
  return (await (await request('/api/stats')).json()) as Stats;
}
