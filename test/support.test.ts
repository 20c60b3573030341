import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openPage } from './support/browser.ts';
import { attemptConnection, connectClient, expectRefusal } from './support/connect.ts';
import { isToolMissing } from './support/external-tool.ts';
import { disconnected, expectNoEvent, nextEvent, roundTrip, takeEvents } from './support/next-event.ts';
import { startRedis } from './support/redis.ts';
import { cleanEnv, startCli } from './support/run-cli.ts';
import { startServer } from './support/start-server.ts';
import { tempFolder } from './support/temp-folder.ts';
import { openTerminal } from './support/terminal.ts';
import { until } from './support/until.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the closing line', () => {
  /** A run of the real runner with this project's configuration on one small test file. */
  function runVitest(source: string, { env = {}, args = [] }: { env?: Record<string, string>; args?: string[] } = {}) {
    const folder = tempFolder();
    mkdirSync(join(folder, 'test/support'), { recursive: true });
    for (const file of ['vitest.config.ts', 'test/support/closing-line-reporter.ts']) {
      copyFileSync(join(root, file), join(folder, file));
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(folder, 'test/sample.test.ts'),
      `import { beforeAll, describe, test } from 'vitest';\n${source}`,
    );
    const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args];
    // Both streams into one pipe, as CI records them.
    const command = ['-c', 'exec "$0" "$@" 2>&1', process.execPath, ...vitest];
    const { status, stdout } = spawnSync('sh', command, {
      cwd: folder,
      env: { ...cleanEnv(), ...env },
      encoding: 'utf8',
    });
    return { status, lines: stdout.trimEnd().split('\n') };
  }

  test.for([
    ['passing', `test('a', () => {}); test('b', () => {});`, 0, '2 passed, 0 failed, 0 skipped'],
    ['failing', `test('a', () => {}); test('b', () => { throw new Error('b') });`, 1, '1 passed, 1 failed, 0 skipped'],
    ['skipping', `test('a', () => {}); test.skip('b', () => {});`, 0, '1 passed, 0 failed, 1 skipped'],
    ['that cannot be loaded', `import './missing.ts';`, 1, '0 passed, 1 failed, 0 skipped'],
    [
      'whose hook fails',
      `test('a', () => {}); describe('g', () => { beforeAll(() => { throw new Error('b') }); test('b', () => {}); });`,
      1,
      '1 passed, 1 failed, 1 skipped',
    ],
    [
      'with an error outside the tests',
      `test('a', () => { setTimeout(() => { throw new Error('late') }); return new Promise((r) => setTimeout(r, 50)) });`,
      1,
      '1 passed, 1 failed, 0 skipped',
    ],
  ] as const)('ends the output of a file %s', ([, source, status, line]) => {
    const run = runVitest(source);
    expect(run.lines.at(-1), run.lines.join('\n')).toBe(line);
    expect(run.status).toBe(status);
  });

  test('fails a run in which no test ran', () => {
    const run = runVitest('', { args: ['no-such-file', '--passWithNoTests'] });
    expect(run.lines.slice(-2)).toEqual(['No test ran, which counts as a failure.', '0 passed, 1 failed, 0 skipped']);
    expect(run.status).toBe(1);
  });

  test('lets a skipped test fail a run in CI, and names it', () => {
    const run = runVitest(`test('a', () => {}); describe.skip('group', () => { test('b', () => {}); });`, {
      env: { CI: 'true' },
    });
    expect(run.lines.slice(-2)).toEqual([
      'Nothing may be skipped in CI, which counts as a failure: test/sample.test.ts > group > b',
      '1 passed, 1 failed, 1 skipped',
    ]);
    expect(run.status).toBe(1);
  });
});

describe('waiting', () => {
  test('until a condition holds gives what it answered', async () => {
    let asked = 0;
    const ask = () => {
      asked += 1;
      return asked > 2 && `asked ${asked}`;
    };
    expect(await until(ask)).toBe('asked 3');
  });

  test('says what was seen last when time runs out', async () => {
    await expect(until(() => 0, { withinMs: 30, what: 'the count' })).rejects.toThrow(
      'the count did not hold within 30 ms; last saw 0',
    );
    const failing = () => Promise.reject(new Error('not yet'));
    await expect(until(failing, { withinMs: 30 })).rejects.toThrow('last error: not yet');
  });
});

describe('a client', () => {
  test('takes each event once and in order, also those that came before it was asked for', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    for (const n of [1, 2, 3]) server.emitter.emit('count', n, { users: ['42'] });
    expect(await nextEvent(socket, 'count', { match: (n) => n === 2 })).toBe(2);
    expect(await nextEvent(socket, 'count')).toBe(1);
    expect(await nextEvent(socket, 'count')).toBe(3);
    await expect(nextEvent(socket, 'count', { withinMs: 20 })).rejects.toThrow('no event "count" in time');
  });

  test('takes all that came of one name', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    for (const n of [1, 2]) server.emitter.emit('count', n);
    await roundTrip(socket);
    expect(takeEvents(socket, 'count')).toEqual([1, 2]);
    expect(takeEvents(socket, 'count')).toEqual([]);
  });

  test('finds out that an event was sent which must not be', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    server.emitter.emit('secret', 'for 43', { users: ['43'] });
    await expectNoEvent(socket, 'secret');
    server.emitter.emit('secret', 'for all');
    await expect(expectNoEvent(socket, 'secret')).rejects.toThrow('expected no event "secret", but got ["for all"]');
  });

  test('does not wait for an event of a connection that has ended', async () => {
    const { server, url, token } = await startServer();
    const socket = await connectClient(url, { token: token('42') });
    const waiting = expect(nextEvent(socket, 'never')).rejects.toThrow('before the connection ended');
    await server.close();
    await waiting;
    expect(await disconnected(socket)).toBe('already disconnected');
    await expect(nextEvent(socket, 'never')).rejects.toThrow('already disconnected');
  });

  test('tells a refusal from a connection', async () => {
    const { url, token, logs } = await startServer();
    const refusal = await expectRefusal(url);
    expect(refusal).toMatchObject({ message: 'Authentication required', data: { code: 'UNAUTHENTICATED' } });
    expect(await logs.next('connection.refused')).toMatchObject({ correlationId: refusal.data.correlationId });
    await expect(connectClient(url, { token: 'a.b.c' })).rejects.toThrow('it was refused: Invalid token');
    await expect(expectRefusal(url, { token: token('42') })).rejects.toThrow('user 42 was let in');
    expect(await attemptConnection('http://127.0.0.1:9')).toMatchObject({ refusal: { data: {} } });
  });
});

describe('a process', () => {
  const script = (code: string) => ({ nodeArgs: ['--input-type=module', '--eval', code] });

  test('is watched line by line, and answers', async () => {
    const cli = startCli([], script(`console.log('ready'); process.stdin.on('data', (d) => console.log('got ' + d));`));
    await cli.waitForLine('ready');
    cli.write('this\n');
    expect(await cli.waitForLine(/^got/)).toBe('got this');
    expect(await cli.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('that ends without the line fails the wait at once, with all that it said', async () => {
    const cli = startCli(['start'], script(`console.error('no port'); process.exitCode = 2;`));
    await expect(cli.waitForLine(/listening/)).rejects.toThrow(/rtserver start \[exit 2\][\s\S]*no port/);
  });

  test('sees nothing of the environment of the tests', async () => {
    process.env['RTSERVER_PORT'] = '1';
    const cli = startCli([], { ...script('console.log(JSON.stringify(process.env))'), env: { EXTRA: '1' } });
    const env = JSON.parse(await cli.waitForLine(/./));
    expect(env).toMatchObject({ EXTRA: '1', PATH: process.env['PATH'] });
    expect(
      Object.keys(env).filter((name) => /^(?:RTSERVER_|NODE_(?!V8_COVERAGE)|VITEST|CI$|FORCE_COLOR)/.test(name)),
    ).toEqual([]);
  });
});

test.skipIf(isToolMissing('tmux'))('a terminal has a size, takes keys and tells the exit code', async () => {
  const code = 'echo hello; read word; echo "got $word"; stty size; exit 7';
  const terminal = await openTerminal(['sh', '-c', code], { columns: 77, rows: 11 });
  await terminal.waitFor(/hello/);
  await terminal.type('word');
  await terminal.press('Enter');
  expect(await terminal.exitCode()).toBe(7);
  expect(await terminal.screen()).toMatch(/got word\n11 77\n/);
  await expect(terminal.waitFor(/never/, { withinMs: 20 })).rejects.toThrow(
    /never fitted \/never\/; it shows[\s\S]*got word/,
  );
});

test.skipIf(isToolMissing('chromium'))('a browser opens a page', async () => {
  const page = await openPage();
  await page.goto('data:text/html,<title>hello</title>');
  expect(await page.title()).toBe('hello');
});

test.skipIf(isToolMissing('redis-server'))('a Redis of its own goes away and comes back on the same port', async () => {
  const redis = await startRedis();
  await redis.stop();
  await redis.restart();
});

test('a temporary folder is there while the test runs', () => {
  expect(existsSync(tempFolder())).toBe(true);
});
