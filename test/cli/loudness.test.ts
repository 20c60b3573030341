import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectRefusal } from '../support/connect.ts';
import { runCli, startCliServer } from '../support/run-cli.ts';
import { until } from '../support/until.ts';
import { createFolder, startPlace } from './place.ts';

test('--quiet leaves data, --verbose adds what is done on the way', async () => {
  const place = await startPlace();
  const emit = ['emit', '--user', 'nobody', '--event', 'a', '--json'];
  const [normal, quiet, verbose] = await Promise.all(
    [[], ['--quiet'], ['-v']].map((flags) => place.run([...emit, ...flags])),
  );
  expect(normal?.stderr).toContain('a reached nobody');
  expect(quiet).toEqual({ ...normal, stderr: '' });
  expect(verbose?.stdout).toBe(normal?.stdout);
  expect(verbose?.stderr.split('\n')).toEqual([
    `server: ${place.url} (from .rtserver/server.json)`,
    'token: made with the secret from .rtserver/secret',
    expect.stringMatching(/^a reached nobody/),
    expect.stringMatching(/^done after \d+ ms$/),
    '',
  ]);
});

test('--quiet says errors, and why the exit code is not 0', async () => {
  const place = await startPlace();
  const unreachable = await place.run(['ls', 'sockets', '--url', 'http://127.0.0.1:1', '-q']);
  expect(unreachable).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error: .+\nNext: /) });
  const tooFew = await place.run(['join', 'a', '--user', '42', '--count', '1', '--duration', '100ms', '--quiet']);
  expect(tooFew).toMatchObject({ code: 1, stdout: '', stderr: 'Fewer than 1 event came within 100ms.\n' });
});

test('start --verbose logs each emission, start --quiet only what is wrong', async () => {
  const loud = await startPlace(['--verbose']);
  await loud.run(['emit', '--all', '--event', 'a']);
  await loud.server.waitForLine('"event.emitted"');

  const folder = createFolder();
  const server = folder.start(['start', '--port', '0', '--quiet']);
  await until(() => existsSync(join(folder.cwd, '.rtserver/server.json')));
  const { url } = JSON.parse(folder.read('.rtserver/server.json')) as { url: string };
  await expectRefusal(url, { token: 'a.b.c' });
  const line = await server.waitForLine('"connection.refused"');
  expect(server.stdout.trimEnd()).toBe(line);
});

test('start --log-level wins over --quiet', async () => {
  const { cli } = await startCliServer(['--quiet', '--log-level', 'info']);
  expect(cli.stdout).toContain('server.listening');
});

test('both at once are a mistake', async () => {
  const { code, stderr } = await runCli(['ls', 'rooms', '--quiet', '--verbose']);
  expect(code).toBe(2);
  expect(stderr).toContain("option '-q, --quiet' cannot be used with option '-v, --verbose'");
});
