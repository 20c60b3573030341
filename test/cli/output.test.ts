import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { BIN, cleanEnv, runCli, tempFolder } from '../support/run-cli.ts';
import { startServerForCommands } from './against-server.ts';

/** `rtserver … | …` by a shell: what both said on stderr, and the exit code of rtserver itself. */
async function pipe(args: string, into: string, env: Record<string, string>) {
  const script = `{ '${process.execPath}' '${BIN}' ${args}; echo "code $?" >&2; } | ${into}`;
  const shell = spawn('sh', ['-c', script], { env: { ...cleanEnv(), ...env } });
  onTestFinished(() => void shell.kill('SIGKILL'));
  const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
  return { stdout, stderr };
}

describe('a reader that goes away is no error:', () => {
  test.for([
    ['--help', 'true'],
    ['help start', 'head -n 1'],
    ['ls rooms', 'head -n 1'],
    ['ls rooms --json', 'true'],
    ['emit --all --event a --json', 'true'],
    ['token --user 42', 'true'],
  ] as const)('%s | %s', async ([args, into]) => {
    const { server, env, token, url } = await startServerForCommands();
    const { connectClient } = await import('../support/connect.ts');
    const socket = await connectClient(url, { token: token('42') });
    // More than a pipe holds.
    const rooms = Array.from({ length: 900 }, (_, index) => `room-${index}-${'x'.repeat(100)}`);
    await server.io.sockets.sockets.get(String(socket.id))?.join(rooms);
    const { stderr } = await pipe(`${args}${args.startsWith('ls') ? ' --limit 1000' : ''}`, into, env);
    expect(stderr).toBe('code 0\n');
  });

  test('start goes on serving', async () => {
    const args = [BIN, 'start', '--port', '0'];
    const start = spawn(process.execPath, args, { cwd: (await startServerForCommands()).cwd, env: cleanEnv() });
    onTestFinished(() => void start.kill('SIGKILL'));
    const [line] = (await once(start.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(String(line).split('\n')[0] ?? '') as { url: string };
    start.stdout.destroy();
    for (const _ of [1, 2, 3]) {
      // A refusal that is logged to nobody.
      await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { origin: 'https://evil.example' } });
      expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ server: 'rtserver' });
    }
    start.kill('SIGTERM');
    expect(await once(start, 'exit')).toEqual([0, null]);
  });
});

describe('stacks are shown to whoever sets DEBUG=rtserver, and to nobody else:', () => {
  const SECRET = 'a-wrong-secret-that-nobody-may-see-0123';

  /** Failures of every kind, each with the right to show nothing of the secret and the token. */
  async function failures(): Promise<[what: string, args: string[]][]> {
    const { url, token } = await startServerForCommands({ cors: { origins: ['https://app.example'] } });
    const other = createServer((_, response) => void response.end('<h1>hello</h1>')).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const closed = `http://127.0.0.1:${await freePort()}`;
    const secret = ['--secret', SECRET];
    const wrong = `${token('42', { secret: SECRET })}`;
    return [
      ['a mistake', ['token', '--user', '42', '--claims', '7', ...secret]],
      ['nobody there', ['ls', 'users', '--url', closed, ...secret]],
      ['nobody to join', ['join', '--user', '42', '--url', closed, ...secret]],
      ['somebody else there', ['kick', '--user', '42', '--url', elsewhere, ...secret]],
      ['somebody else to join', ['join', '--user', '42', '--url', elsewhere, ...secret]],
      ['a wrong secret', ['emit', '--all', '--event', 'a', '--url', url, ...secret]],
      ['a wrong secret to join', ['join', '--user', '42', '--url', url, ...secret]],
      ['a wrong token', ['ls', 'users', '--token', wrong, '--url', url]],
      ['a wrong token to join', ['join', '--token', wrong, '--url', url]],
      ['a token that is none', ['session', 'revoke', 'sess_of-somebody', '--token', wrong, '--url', url]],
    ];
  }

  test('in every failure', async () => {
    for (const [what, args] of await failures()) {
      const token = args[args.indexOf('--token') + 1] ?? '';
      const [quiet, loud] = await Promise.all([runCli(args), runCli(args, { env: { DEBUG: 'express:*,rtserver' } })]);
      expect(loud.code, what).toBe(quiet.code);
      expect(quiet.code, what).toBeOneOf([2, 3, 4]);
      expect(quiet.stderr, what).toMatch(/^error: /);
      expect(quiet.stderr, what).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
      expect(loud.stderr.startsWith(quiet.stderr), what).toBe(true);
      expect(loud.stderr, what).toMatch(/^\s+at .*:\d+:\d+\)?$/m);
      for (const { stdout, stderr } of [quiet, loud]) {
        expect(stdout, what).toBe('');
        expect(stderr, what).not.toContain(SECRET);
        if (args.includes('--token')) expect(stderr, what).not.toContain(token.split('.')[2]);
      }
    }
  });
});

test('an error that nobody foresaw is told from a failed verdict', async () => {
  const script = `mkdir gone && cd gone && rmdir ../gone && exec '${process.execPath}' '${BIN}' ls users`;
  const shell = spawn('sh', ['-c', script], { cwd: tempFolder(), env: cleanEnv() });
  const [stderr, [code]] = await Promise.all([text(shell.stderr), once(shell, 'exit')]);
  expect([code, stderr]).toEqual([70, expect.stringMatching(/^error: something went wrong: /)]);
});
