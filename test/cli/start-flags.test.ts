import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { until } from '../support/until.ts';
import { createFolder, parseLines } from './place.ts';

test('the flags of start are in force', async () => {
  const folder = createFolder();
  const env = { MINE: 'a-secret-for-tests-that-is-long-enough', RTSERVER_LOG_LEVEL: 'trace' };
  const flags = [
    ...['--origin', 'https://a.example', '--origin', 'https://*.b.example', '--max-connections-per-user', '1'],
    ...['--heartbeat-timeout', '7s', '--heartbeat-source', 'any', '--log-level', 'warn', '--log-format', 'json'],
  ];
  const server = folder.start(['start', '--port', '0', '--secret', 'env:MINE', ...flags], { env });
  await until(() => existsSync(join(folder.cwd, '.rtserver/server.json')));
  const { url } = JSON.parse(folder.read('.rtserver/server.json')) as { url: string };
  const mint = async (...args: string[]) =>
    (await folder.run(['token', '--secret', 'env:MINE', ...args], { env })).stdout.trim();
  const token = await mint('--user', '42');
  const from = (origin: string) => ({ token, extraHeaders: { origin } });

  const { ready } = await connectClient(url, from('https://x.b.example'));
  expect(ready).toMatchObject({ connectionsPerUser: 1, heartbeatTimeoutMs: 7_000 });
  expect((await expectRefusal(url, from('https://a.example'))).data.code).toBe('MAX_CONNECTIONS_EXCEEDED');
  await expectRefusal(url, from('https://c.example'));
  const authorization = `Bearer ${await mint('--user', 'ops', '--admin')}`;
  const stats = await (await fetch(`${url}/api/stats`, { headers: { authorization } })).json();
  expect(JSON.stringify(stats)).toContain('"any"');
  await server.stop();
  // The flag wins over the variable: of all that was logged, warnings are left.
  const lines = parseLines<{ level: number; code: string }>(server.stdout);
  expect(lines.map(({ level, code }) => [level, code])).toEqual([
    [40, 'MAX_CONNECTIONS_EXCEEDED'],
    [40, 'ORIGIN_NOT_ALLOWED'],
  ]);
});

test('each flag of start has a variable, and its help names it', async () => {
  const { stdout } = await createFolder().run(['start', '--help']);
  const [options = '', variables = ''] = stdout.split('In the environment');
  const flags = [...options.matchAll(/^ {2}(?:-\w, )?(?<flag>--[a-z-]+)/gm)].map((match) => match.groups?.['flag']);
  const named = [...variables.matchAll(/^ {2}(?<flag>--[a-z-]+) +(?<name>RTSERVER_[A-Z_]+)$/gm)];
  // What is said about the command line itself: how it speaks, and what it is.
  const ofTheCommand = ['--json', '--quiet', '--verbose', '--help'];
  expect(named.map(({ groups }) => groups?.['flag']).sort()).toEqual(
    flags.filter((flag) => !ofTheCommand.includes(flag ?? '')).sort(),
  );
});
