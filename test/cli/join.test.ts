import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BIN, cleanEnv } from '../support/run-cli.ts';
import { createFolder, type Place, parseLines, startPlace } from './place.ts';

const hello = (place: Place, ...target: string[]) =>
  place.run(['emit', '--event', 'hello', '--payload', '{"a":1}', ...target]);

test('prints each event as one line of JSON, and ends with the count', async () => {
  const place = await startPlace();
  const join = await place.join('protocol:7', 'lobby', '--user', '42', '--count', '3', '--json');
  const before = Date.now();
  for (const target of [
    ['--user', '42'],
    ['--room', 'protocol:7'],
    ['--room', 'lobby'],
    ['--user', '43'],
  ]) {
    await hello(place, ...target);
  }
  expect(await join.exit).toEqual({ code: 0, signal: null });
  const lines = parseLines<{ at: number }>(join.stdout);
  expect(lines).toEqual(Array(3).fill({ event: 'hello', payload: { a: 1 }, at: expect.any(Number) }));
  for (const { at } of lines) expect(at).toBeGreaterThanOrEqual(before);
  expect(join.stderr).toMatch(/^joined protocol:7, lobby as user 42 /);
});

test('for people it prints the time, the event and its payload, and nothing that a terminal would obey', async () => {
  const place = await startPlace();
  const join = await place.join('--user', '42', '--count', '1');
  const payload = JSON.stringify({ text: '\u001b[2J\u009b2J\u202etxt' });
  await place.run(['emit', '--user', '42', '--event', 'x\u001b[31m', '--payload', payload]);
  await join.exit;
  expect(join.stdout).toMatch(/^\d\d:\d\d:\d\d {2}x\\u\{1b\}\[31m {2}\{"text":/);
  expect(join.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('leaves out the events of the server itself unless they are named, and counts only what it prints', async () => {
  const place = await startPlace();
  const { code, stdout } = await place.run(['join', '--user', '42', '--event', 'ready', '--count', '1', '--json']);
  expect({ code, line: JSON.parse(stdout) }).toMatchObject({
    code: 0,
    line: { event: 'ready', payload: { userId: '42' } },
  });

  const join = await place.join('--user', '42', '--event', 'hello', '--event', 'bye', '--count', '2', '--json');
  for (const event of ['other', 'hello', 'bye']) await place.run(['emit', '--user', '42', '--event', event]);
  await join.exit;
  expect(parseLines<{ event: string }>(join.stdout).map(({ event }) => event)).toEqual(['hello', 'bye']);
});

describe('when the duration is over', () => {
  test('it ends well without a count', async () => {
    const place = await startPlace();
    expect(await place.run(['join', '--user', '42', '--duration', '50ms'])).toMatchObject({ code: 0, stdout: '' });
  });

  test('it fails where the count was not reached', async () => {
    const place = await startPlace();
    const { code, stderr } = await place.run(['join', '--user', '42', '--duration', '50ms', '--count', '1']);
    expect(code).toBe(1);
    expect(stderr).toContain('Fewer than 1 event came within 50ms');
  });
});

test('Ctrl-C ends it with 130', async () => {
  const place = await startPlace();
  const join = await place.join('--user', '42');
  expect(await join.stop('SIGINT')).toEqual({ code: 130, signal: null });
});

test('ends when nobody reads its output any more', async () => {
  const place = await startPlace();
  const join = spawn(process.execPath, [BIN, 'join', '--user', '42', '--json'], { cwd: place.cwd, env: cleanEnv() });
  onTestFinished(() => void join.kill('SIGKILL'));
  let stderr = '';
  join.stderr.on('data', (text) => {
    stderr += String(text);
  });
  const closed = once(join, 'close');
  await once(join.stderr, 'data');
  await hello(place, '--user', '42');
  await once(join.stdout, 'data');
  join.stdout.destroy();
  await hello(place, '--user', '42');
  expect([...(await closed), stderr.split('\n').length]).toEqual([0, null, 2]);
});

describe('says why it was refused, with exit 4:', () => {
  test('too many connections', async () => {
    const place = await startPlace(['--max-connections-per-user', '1']);
    await place.join('--user', '42');
    const { code, stderr } = await place.run(['join', '--user', '42']);
    expect(code).toBe(4);
    expect(stderr).toContain('Max connections exceeded (MAX_CONNECTIONS_EXCEEDED)');
    expect(stderr).toContain('rtserver kick --user');
  });

  test('a wrong secret, by where it came from and never by its value', async () => {
    const place = await startPlace();
    const secret = 'a-wrong-secret-that-is-long-enough';
    const { code, stderr } = await place.run(['join', '--user', '42', '--secret', secret]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/secret from --secret .*TOKEN_INVALID/);
    expect(stderr).toContain('Next: ');
    expect(stderr).not.toContain(secret);
  });

  test('an expired token', async () => {
    const place = await startPlace();
    const token = jwt.sign({ sub: '42', exp: 1_000 }, place.read('.rtserver/secret').trim());
    expect(await place.run(['join', '--token', token])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/TOKEN_EXPIRED.*\nNext: .*rtserver token/),
    });
  });

  test('a room that is not for everyone', async () => {
    const place = await startPlace();
    expect(await place.run(['join', 'user:43', '--user', '42'])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/user:43.*ROOM_FORBIDDEN/),
    });
    const token = (await place.run(['token', '--user', '42', '--room', 'lobby'])).stdout.trim();
    expect(await place.run(['join', 'cellar', '--token', token])).toMatchObject({ code: 4 });
    expect(await place.run(['join', 'lobby', '--token', token, '--duration', '1ms'])).toMatchObject({ code: 0 });
  });

  test('closed by an administrator', async () => {
    const place = await startPlace();
    const join = await place.join('--user', '42');
    expect(await place.run(['kick', '--user', '42'])).toMatchObject({ code: 0, stdout: 'closed 1 connection\n' });
    expect(await join.exit).toMatchObject({ code: 4 });
    expect(join.stderr).toContain('Closed by an administrator (KICKED)');
  });
});

test('connects and joins again when the server comes back', async () => {
  const place = await startPlace();
  const join = await place.join('protocol:7', '--user', '42', '--count', '1', '--json');
  await place.server.stop();
  await join.waitForLine(/SERVER_SHUTDOWN.*again/, { stream: 'stderr' });
  const port = new URL(place.url).port;
  const again = place.start(['start', '--port', port]);
  await again.waitForLine('"server.listening"');
  await join.waitForLine((line) => line.startsWith('joined ') && join.stderr.split('\njoined ').length === 2, {
    stream: 'stderr',
    withinMs: 45_000,
  });
  await hello(place, '--room', 'protocol:7');
  expect(await join.exit).toMatchObject({ code: 0 });
});

describe('without a server it exits 3 and says what to start:', () => {
  test('nothing listens', async () => {
    const { code, stderr } = await createFolder().run(['join', '--user', '42', '--url', 'http://127.0.0.1:1']);
    expect(code).toBe(3);
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).toContain('rtserver start');
    expect(
      await createFolder().run(['join', '--user', '42', '--url', 'http://127.0.0.1:1', '--secret', 'x']),
    ).toMatchObject({ code: 3 });
  });

  test('something else listens', async () => {
    const other = createServer((_, response) => response.writeHead(404).end('<h1>no</h1>')).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { code, stderr } = await createFolder().run(['join', '--user', '42', '--url', url, '--secret', 'x']);
    expect(code).toBe(3);
    expect(stderr).toContain(url);
  });
});

test.for([
  [['lobby'], /--user/],
  [['protocol:7', 'protocol:8', '--user', '42'], /one protocol room at a time/],
] as const)('refuses %j before it connects', async ([args, message]) => {
  const { code, stderr } = await createFolder().run(['join', ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test('a token that belongs to somebody else than --user says is a mistake', async () => {
  const token = jwt.sign({ sub: '43' }, 'any');
  const { code, stderr } = await createFolder().run(['join', '--user', '42', '--token', token]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/42.*43/);
});
