import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { until } from '../support/until.ts';
import { createFolder, parseLines, startPlace } from './place.ts';

interface LogLine {
  level: number;
  msg: string;
  err?: { message: string; stack: string };
}

const SECRET = 'a-secret-for-tests-that-is-long-enough';
const FATAL = 60;
/** Clients are closed over a time that exists for thousands of them. */
const HASTY = { RTSERVER_SHUTDOWN_SPREAD: '1ms' };

describe('what nothing caught in a configuration that is a program', () => {
  const crash = (what: string) => `
    import { defineModule } from 'rtserver';
    export default { modules: [defineModule({ name: 'fragile', handlers: { crash: () => { ${what} } } })] };`;

  test.for([
    ['an error in a timer', `setImmediate(() => { throw new Error('late trouble'); });`, 1],
    ['a rejection', `void Promise.reject(new Error('late trouble'));`, 1],
    ['several at once', `for (const _ of [1, 2, 3]) setImmediate(() => { throw new Error('late trouble'); });`, 3],
  ] as const)('ends it tidily with 1, logged in one line each: %s', async ([, what, times]) => {
    const folder = createFolder();
    folder.write('rtserver.config.mjs', crash(what));
    const { server, url, run } = await startPlace([], { folder, env: HASTY });
    const token = (await run(['token', '--user', '42'])).stdout.trim();
    const socket = await connectClient(url, { token });
    socket.emit('crash', {});
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'SERVER_SHUTDOWN', retry: true });
    expect(await server.exit, server.describe()).toEqual({ code: 1, signal: null });
    const lines = parseLines<LogLine>(server.stdout);
    const failures = lines.filter(({ level }) => level === FATAL);
    expect(failures).toHaveLength(times);
    expect(failures[0]).toMatchObject({ msg: 'server.failed', err: { message: 'late trouble' } });
    expect(lines.at(-1)?.msg).toBe('server.stopped');
    expect(server.stderr).toBe('');
    expect(await run(['ls', 'rooms', '--secret', 'x'])).not.toMatchObject({ stderr: expect.stringContaining(url) });
  });

  test('what fights being looked at is logged all the same', async () => {
    const folder = createFolder();
    const hostile = `setImmediate(() => { throw { get message() { throw new Error('no'); }, get stack() { throw 1; } }; });`;
    folder.write('rtserver.config.mjs', crash(hostile));
    const { server, url, run } = await startPlace([], { folder, env: HASTY });
    const token = (await run(['token', '--user', '42'])).stdout.trim();
    const socket = await connectClient(url, { token });
    socket.emit('crash', {});
    expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'SERVER_SHUTDOWN' });
    expect(await server.exit, server.describe()).toEqual({ code: 1, signal: null });
    const [failure] = parseLines<LogLine>(server.stdout).filter(({ level }) => level === FATAL);
    expect(failure?.msg).toBe('server.failed');
  });

  test('an error that the handler throws at once is the answer, and nothing ends', async () => {
    const folder = createFolder();
    folder.write('rtserver.config.mjs', crash(`throw new Error('early trouble');`));
    const { server, url, run } = await startPlace([], { folder, env: HASTY });
    const token = (await run(['token', '--user', '42'])).stdout.trim();
    const socket = await connectClient(url, { token });
    expect(await socket.emitWithAck('crash', {})).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(JSON.stringify(await socket.emitWithAck('crash', {}))).not.toContain('early trouble');
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('an end that takes long', () => {
  /** A server that somebody keeps waiting for an answer, half of its 60 s. */
  async function startBusy(nodeArgs: readonly string[] = []) {
    const folder = createFolder();
    folder.write(
      'rtserver.config.mjs',
      `
      import { defineModule } from 'rtserver';
      const hang = () => new Promise(() => {});
      const crash = () => { setImmediate(() => { throw new Error('late trouble'); }); return {}; };
      export default { modules: [defineModule({ name: 'busy', handlers: { hang, crash } })] };`,
    );
    const env = { ...HASTY, RTSERVER_SHUTDOWN_TIMEOUT: '60s' };
    const { server, url, run } = await startPlace([], { folder, env, nodeArgs });
    const token = (await run(['token', '--user', '42'])).stdout.trim();
    const socket = await connectClient(url, { token });
    socket.emit('hang', {});
    expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
    return { server, socket };
  }

  test('is cut short by the second signal', async () => {
    const { server } = await startBusy();
    server.kill();
    await server.waitForLine('server.draining');
    expect(await server.stop()).toEqual({ code: null, signal: 'SIGINT' });
  });

  test('is cut short by the second signal in the first process of a container too', async () => {
    const pretend = 'data:text/javascript,Object.defineProperty(process,"pid",{value:1})';
    const { server } = await startBusy(['--import', pretend]);
    server.kill();
    await server.waitForLine('server.draining');
    expect(await server.stop()).toEqual({ code: 130, signal: null });
  });

  test('is cut short by the first signal where a crash began it', async () => {
    const { server, socket } = await startBusy();
    socket.emit('crash', {});
    await server.waitForLine('server.draining');
    expect(await server.stop()).toEqual({ code: null, signal: 'SIGINT' });
  });
});

describe('the log of start', () => {
  test('is JSON lines in a pipe, pretty where that is asked for, and nothing where it is silent', async () => {
    const { server } = await startPlace();
    await server.stop();
    for (const line of parseLines<LogLine>(server.stdout))
      expect(line).toMatchObject({ level: 30, msg: expect.stringMatching(/^server\./) });
    const pretty = createFolder().start(['start', '--port', '0', '--log-format', 'pretty']);
    await pretty.waitForLine(/INFO.*server\.listening/);
    expect(pretty.stdout).not.toContain('\u001b[');
    await pretty.stop();
    const silent = createFolder();
    const quiet = silent.start(['start', '--port', '0', '--log-level', 'silent']);
    await until(() => existsSync(join(silent.cwd, '.rtserver/server.json')));
    expect(await quiet.stop()).toEqual({ code: 0, signal: null });
    expect(quiet.stdout + quiet.stderr).toBe('');
  });

  test.each(['pretty', 'json'])('holds nothing of a client that acts on a terminal, as %s', async (format) => {
    const folder = createFolder();
    const server = folder.start(['start', '--port', '0', '--log-format', format, '--secret', SECRET], { env: HASTY });
    const [url = ''] = /http:[\d./:]+/.exec(await server.waitForLine('server.listening')) ?? [];
    const evil = 'a\u009b31m\u202eb';
    const token = (await folder.run(['token', '--user', evil, '--secret', SECRET])).stdout.trim();
    await connectClient(url, { token });
    await server.waitForLine('connection.accepted');
    await server.stop();
    expect(server.stdout).not.toMatch(/[\u0080-\u009f\u202e]/);
    expect(server.stdout).toContain('\\u009b31m\\u202eb');
  });

  test('never holds a token, a secret or a payload, at any level', async () => {
    const place = await startPlace(['--log-level', 'trace'], { env: HASTY });
    const token = (await place.run(['token', '--user', '42'])).stdout.trim();
    const session = (await place.run(['session', 'create', '--user', '43'])).stdout.trim();
    const join = await place.join('lobby', '--token', token);
    await place.join('--token', session);
    await place.run(['emit', '--room', 'lobby', '--event', 'told', '--payload', '"the-payload"', '--ack']);
    await place.run(['ls', 'users', '--token', token]);
    await join.waitForLine('told');
    await place.server.stop();
    expect(place.server.stdout).toContain('event.emitted');
    const parts = [token, token.split('.')[2] ?? '', session, place.read('.rtserver/secret').trim(), 'the-payload'];
    for (const part of parts) expect(place.server.stdout + place.server.stderr).not.toContain(part);
  });
});

test('where .rtserver is a file, it runs with a secret that is given, and refuses without one', async () => {
  const folder = createFolder();
  folder.write('.rtserver', 'in the way');
  expect(await folder.run(['start', '--port', '0'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no secret can be made in this folder/),
  });
  mkdirSync(join(folder.cwd, 'state'));
  const env = { RTSERVER_STATE_FILE: 'state/state.json' };
  const { server, url } = await startPlace(['--secret', 'a-secret-for-tests-that-is-long-enough'], { folder, env });
  await server.waitForLine(`commands need --url ${url}`, { stream: 'stderr' });
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});
