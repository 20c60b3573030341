import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connect, createAdminClient, defineEvents } from '../../src/client/index.ts';
import { freePort } from '../support/free-port.ts';
import { startCli } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';

const CLIENT = new URL('../../dist/client/index.js', import.meta.url).href;

/** A program of a few lines in a process of its own; an error that it does not handle would end it with 1. */
async function runProgram(code: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const source = `import { connect, createAdminClient } from '${CLIENT}';\n${code}`;
  const cli = startCli([], { nodeArgs: ['--input-type=module', '--eval', source] });
  const { code: exitCode } = await cli.exit;
  return { code: exitCode, stdout: cli.stdout, stderr: cli.stderr };
}

describe('a program', () => {
  test('ends by itself after close(): no timer and no socket is left', async () => {
    const { url, token } = await startServer();
    const result = await runProgram(`
      const client = connect('${url}', { token: '${token('42')}' });
      const { userId } = await client.ready;
      console.log(userId);
      client.close();`);
    expect(result).toEqual({ code: 0, stdout: '42\n', stderr: '' });
  });

  test('ends by itself after a refusal that does not pass, though it handles no promise', async () => {
    const { url } = await startServer();
    const result = await runProgram(`connect('${url}').on('ready', () => console.log('never'));`);
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('ends by itself after close() while it was waiting to try again', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const result = await runProgram(`
      const client = connect('${url}');
      await client.ready.catch(({ code }) => console.log(code));
      client.close();
      console.log(await client.closed);`);
    expect(result).toEqual({ code: 0, stdout: 'SERVER_UNREACHABLE\nundefined\n', stderr: '' });
  });

  test('ends by itself after close() while it was waiting for a token, which then could not be got', async () => {
    const { url, token } = await startServer();
    const result = await runProgram(`
      let giveUp;
      const asked = [];
      const secondTime = new Promise((resolve) => asked.push(() => '${token('42')}', () => new Promise((_, reject) => {
        giveUp = reject;
        resolve();
      })));
      const client = connect('${url}', { token: () => asked.shift()() });
      await client.ready;
      client.socket.io.reconnectionDelay(1);
      client.socket.io.engine.close();
      await secondTime;
      client.close();
      giveUp(new Error('no network'));
      asked.push(() => '${token('42')}');
      console.log(await client.closed);`);
    expect(result).toEqual({ code: 0, stdout: 'undefined\n', stderr: '' });
  });

  test('ends by itself after a request to the HTTP API', async () => {
    const { url, adminToken } = await startServer();
    const result = await runProgram(`
      const admin = createAdminClient({ url: '${url}', token: '${adminToken}' });
      console.log(JSON.stringify(await admin.users()));`);
    expect(result).toEqual({ code: 0, stdout: '{"items":[]}\n', stderr: '' });
  });
});

test('events have the types of their schemas', async () => {
  const events = defineEvents({ 'protocol:updated': z.object({ version: z.number() }) });
  const { url, token, server } = await startServer({ events });
  const client = connect<typeof events>(url, { token: token('42') });
  const heard = new Promise<number>((resolve) => {
    client.on('protocol:updated', (payload) => resolve(payload.version));
  });
  // @ts-expect-error: a name that is not declared
  client.on('protocol:udpated', () => {});
  client.on('protocol:updated', (payload) => {
    // @ts-expect-error: a number is no text
    const wrong: string = payload.version;
    return wrong;
  });
  const { heartbeatTimeoutMs } = await client.ready;
  expect(heartbeatTimeoutMs).toBe(60_000);
  server.emitter.emit('protocol:updated', { version: 3 });
  expect(await heard).toBe(3);
  client.close();
});

test('an administrator whose token is no good any more gets the code of the API, and asks for a token each time', async () => {
  const { url, token } = await startServer();
  const tokens = [
    token('a', { claims: { scope: 'admin' }, expiresInMs: -60_000 }),
    token('a', { secret: 'other' }),
    '',
  ];
  const asked = [...tokens];
  const admin = createAdminClient({ url, token: () => asked.shift() ?? '' });
  const codes: unknown[] = [];
  for (const _ of tokens) await admin.users().catch((error: { code: string }) => codes.push(error.code));
  expect(codes).toEqual(['TOKEN_EXPIRED', 'TOKEN_INVALID', 'UNAUTHENTICATED']);
  const failing = createAdminClient({ url, token: () => Promise.reject(new Error('no network')) });
  await expect(failing.users()).rejects.toThrow('no network');
});
