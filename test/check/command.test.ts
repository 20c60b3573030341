import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Report } from '../../src/check/scenario.ts';
import { createFolder, type Folder } from '../cli/place.ts';
import { type RunningCli, runCli, startCli, tempFolder } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';
import { SECRET as OTHER_SECRET, startOtherServer } from './other-server.ts';

/** A server that logs into an open file. */
async function startInto(log: string, stdout: number, { start }: Folder): Promise<{ server: RunningCli; url: string }> {
  const listenings = () => readFileSync(log, 'utf8').match(/^.*"server\.listening".*$/gm) ?? [];
  const before = listenings().length;
  const server = start(['start'], { stdout });
  const line = await until(() => listenings()[before], { what: 'the server listens', withinMs: 30_000 });
  return { server, url: (JSON.parse(line) as { url: string }).url };
}

const readReport = (stdout: string) => JSON.parse(stdout) as Report;

describe('rtserver check without --url', () => {
  test('proves 32 of 32 scenarios against a server of its own, in under 20 s', async () => {
    const started = performance.now();
    const { code, stdout, stderr } = await runCli(['check']);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: 'Starting a server of its own …\n' });
    expect(performance.now() - started).toBeLessThan(20_000);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('32 of 32 passed');
    expect(lines.filter((line) => /^ {2}✓ .+ \(\d+ ms\)$/.test(line))).toHaveLength(32);
    expect(lines.filter((line) => /^\S/.test(line)).slice(0, 2)).toEqual(['realtime-events', 'websocket-server']);
  });

  test('runs the scenarios that --only names, and writes one JSON object and a JUnit file', async () => {
    const cwd = tempFolder();
    const only = ['--only', 'maximum-connections', '--only', 'Server emits event'];
    const { code, stdout } = await runCli(['check', ...only, '--json', '--report', 'check.xml'], { cwd });
    expect(code).toBe(0);
    expect(readReport(stdout)).toMatchObject({
      ...{ passed: 2, failed: 0, notTried: 0 },
      results: [
        { scenario: 'Server emits event', spec: 'websocket-server', status: 'passed' },
        { scenario: 'Maximum connections per user', requirement: 'Connection limits', status: 'passed' },
      ],
    });
    expect(readFileSync(join(cwd, 'check.xml'), 'utf8')).toContain('<testsuite name="websocket-server" tests="2"');
  });

  test('lists all scenarios with --list and starts nothing', async () => {
    const { code, stdout, stderr } = await runCli(['check', '--list']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^ {6}expects {2}\S/gm)).toHaveLength(32);
    const { stdout: json } = await runCli(['check', '--list', '--json', '--only', 'origins']);
    expect(JSON.parse(json)).toEqual([expect.objectContaining({ title: 'Allowed origins', spec: 'realtime-events' })]);
  });

  test('is not configured by the environment that configures another server', async () => {
    const env = { RTSERVER_LIMITS_CONNECTIONS_PER_USER: '1', RTSERVER_URL: 'http://127.0.0.1:1' };
    const { code, stdout } = await runCli(['check', '--only', 'Maximum connections', '--json'], { env });
    expect(code).toBe(0);
    expect(readReport(stdout).results[0]?.seen).toContain('connection 4 of one user');
    const { stderr } = await runCli(['check', '--only', 'CORS configuration'], { env });
    expect(stderr).toContain('warning: RTSERVER_URL is not used: to check the server at http://127.0.0.1:1, say --url');
  });
});

test('rtserver check ends with 130 on Ctrl-C, and its own server ends with it', async () => {
  const cli = startCli(['check', '--full', '--only', 'heartbeat', '--only', 'CORS configuration']);
  await cli.waitForLine('✓ CORS configuration');
  expect(await cli.stop('SIGINT'), cli.describe()).toEqual({ code: 130, signal: null });
  expect(cli.stdout).not.toContain('passed');
});

describe('rtserver check --url', () => {
  test('with the secret and the log tries all that shows from outside, and says why not the rest', async () => {
    const log = join(tempFolder(), 'server.log');
    const logger = pino({ level: 'debug' }, pino.destination({ dest: log, sync: true }));
    const { url, secret } = await startServer({ logger, heartbeat: { timeout: '2s' } });
    const { code, stdout } = await runCli(['check', '--url', url, '--secret', secret, '--log', log, '--json']);
    const { results, ...counts } = readReport(stdout);
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect({ code, ...counts }).toMatchObject({ code: 0, url, passed: 27, failed: 0, notTried: 5 });
    const untried = results.flatMap(({ scenario, status, why }) => (status === 'not tried' ? [[scenario, why]] : []));
    expect(untried).toEqual([
      ['Server initialization', 'how many servers the process holds cannot be seen from outside'],
      ['Typed event emission', 'the server declares no events: it has no contract to keep'],
      [
        'Failed emission handling',
        'what can be seen holds; the work of the emitting service cannot be seen from outside',
      ],
      ['Module-specific rooms', 'what can be seen holds; the modules of the application are not known from outside'],
      ['Infrastructure failure logging', 'a process without its server cannot be seen from outside'],
    ]);
  });

  test('finds in the log what the server wrote before it listened, and says where the log does not go back so far', async () => {
    const folder = createFolder();
    const application = fileURLToPath(new URL('../../dist/check/application.js', import.meta.url));
    folder.write(
      'rtserver.config.mjs',
      `import * as rtserver from 'rtserver';
      import { createApplication } from ${JSON.stringify(application)};
      export default { ...createApplication(rtserver), port: 0 };`,
    );
    const log = join(folder.cwd, 'server.log');
    const fd = openSync(log, 'a');
    onTestFinished(() => closeSync(fd));
    // The log of two servers, the first of which was killed.
    const first = await startInto(log, fd, folder);
    await first.server.stop('SIGKILL');
    const { url } = await startInto(log, fd, folder);
    const about = ['--url', url, '--secret', folder.read('.rtserver/secret').trim(), '--json'];
    const checkBy = async (file: string) => {
      const { stdout } = await runCli(['check', ...about, '--only', 'Infrastructure failure', '--log', file]);
      return readReport(stdout).results;
    };
    expect(await checkBy(log)).toMatchObject([{ status: 'passed' }]);
    expect(await checkBy(folder.write('late.log', ''))).toMatchObject([
      { status: 'not tried', why: 'what can be seen holds; its log does not go back to its start' },
    ]);
    // The line of the first server is not one of the second.
    const lines = folder.read('server.log').split('\n');
    const last = lines.findLastIndex((line) => line.includes('"event.failed"'));
    expect(await checkBy(folder.write('silent.log', lines.toSpliced(last, 1).join('\n')))).toMatchObject([
      { status: 'failed' },
    ]);
  });

  test('with an admin token alone lets the server make sessions, and does not wait for a heartbeat of 60 s', async () => {
    const { url, adminToken } = await startServer();
    const { code, stdout, stderr } = await runCli(['check', '--url', url, '--token', adminToken]);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('  – Heartbeat timeout: not tried: the heartbeat is 1m: waits for it only with --full\n');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('19 of 32 passed, 13 not tried');
    const untried = stdout.match(/(?<=^ {2}– ).+: not tried: what can be seen holds.+$/gm);
    expect(untried).toEqual([
      'Authentication: not tried: what can be seen holds; no JWT can be made: pass --secret',
      'Failed emission handling: not tried: what can be seen holds; its log cannot be read from outside: pass --log FILE',
      'Client connection: not tried: what can be seen holds; its log cannot be read from outside: pass --log FILE',
      'Client disconnection: not tried: what can be seen holds; its log cannot be read from outside: pass --log FILE',
      'Module-specific rooms: not tried: what can be seen holds; the modules of the application are not known from outside',
      'Connection error logging: not tried: what can be seen holds; its log cannot be read from outside: pass --log FILE',
      'Credentials handling: not tried: what can be seen holds; its log cannot be read from outside: pass --log FILE',
      'Connection authentication: not tried: what can be seen holds; no JWT can be made: pass --secret',
    ]);
  });

  test('exits with 1 when nothing could be tried to its end: that proves nothing', async () => {
    const { url, secret } = await startServer({ limits: { connectionsPerUser: 60 } });
    const only = ['--only', 'Heartbeat timeout', '--only', 'Maximum connections', '--only', 'Client disconnects'];
    const { code, stdout } = await runCli(['check', '--url', url, '--secret', secret, ...only]);
    expect(code).toBe(1);
    expect(stdout).toBe(`websocket-server
  – Client disconnects: not tried: what can be seen holds; the limit of 60 is too high to be used up on a live server
  – Maximum connections per user: not tried: the limit of 60 is too high to be used up on a live server
  – Heartbeat timeout: not tried: the heartbeat is 1m: waits for it only with --full

0 of 3 passed, 3 not tried
`);
  });

  test('on Ctrl-C ends with 130 at once, though a heartbeat of 60 s is waited for', async () => {
    const { url, secret } = await startServer();
    const only = ['--only', 'Heartbeat timeout', '--only', 'Server initialization'];
    const cli = startCli(['check', '--full', '--url', url, '--secret', secret, ...only]);
    await cli.waitForLine('– Server initialization');
    const { stdout } = cli;
    // Far less than the time that is left to that heartbeat.
    expect(await cli.stop('SIGINT'), cli.describe()).toEqual({ code: 130, signal: null });
    expect(cli.stdout).toBe(stdout);
  });

  test('shows expected beside seen for what fails, and exits with 1', async () => {
    const { target, close } = await startOtherServer('leaks from users to everyone');
    const flags = ['--url', target.url, '--secret', OTHER_SECRET, '--only', 'targeted', '--only', 'CORS configuration'];
    const { code, stdout } = await runCli(['check', ...flags, '--origin', String(target.frontendOrigin)]);
    await close();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /✗ User-targeted broadcasts .*\n {6}what reached a user who was not named\n {6}expected {2}\[\]\n {6}seen {6}\["check-/,
    );
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 of 2 passed, 1 failed');
  });

  test('against nobody exits with 3, and with the wrong secret or no rights with 4', async () => {
    const nobody = await runCli(['check', '--url', 'http://127.0.0.1:1', '--secret', 'any']);
    expect(nobody, nobody.stderr).toMatchObject({ code: 3, stdout: '' });
    const { url, token } = await startServer();
    const wrong = await runCli(['check', '--url', url, '--secret', 'wrong']);
    expect(wrong).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('TOKEN_INVALID') });
    const powerless = await runCli(['check', '--url', url, '--token', token('42')]);
    expect(powerless).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('FORBIDDEN') });
  });
});

describe('rtserver check refuses, with exit code 2,', () => {
  test.for([
    [['--only', 'Maximum conections per user'], 'Did you mean "Maximum connections per user"?'],
    [['--secret', 'x'], '--secret says something about the server at --url'],
    [
      ['--url', 'http://127.0.0.1:1', '--secret', 'x', '--log', 'missing.log'],
      '--log names a file that cannot be read',
    ],
    [['--url', 'nowhere'], 'It must be a URL'],
    [
      ['--report', '/no/such/folder/check.xml', '--only', 'CORS'],
      'the report /no/such/folder/check.xml cannot be written: its folder is not there',
    ],
  ] as const)('%s', async ([flags, message]) => {
    expect(await runCli(['check', ...flags])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
