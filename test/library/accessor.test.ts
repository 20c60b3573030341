import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRealtimeServer, getRealtimeServer, realtime } from '../../src/index.ts';
import { connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { startCli } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';

const options = { port: 0, auth: { secret: 'x'.repeat(32) }, log: { level: 'silent' } } as const;
const DIST = new URL('../../dist/index.js', import.meta.url).href;

const runScript = (code: string) => startCli([], { nodeArgs: ['--input-type=module', '--eval', code] });

describe('the one server of a process', () => {
  test('is found from anywhere, and emitted through', async () => {
    const { server, url, token } = await startServer();
    expect(getRealtimeServer()).toBe(server);
    const socket = await connectClient(url, { token: token('42') });
    expect(realtime.emit('note', 1, { users: ['42'] })).toEqual({ ok: true, recipients: 1 });
    expect(await nextEvent(socket, 'note')).toBe(1);
  });

  test('is not there before and after', async () => {
    expect(() => getRealtimeServer()).toThrow(expect.objectContaining({ code: 'SERVER_NOT_RUNNING' }));
    const { server } = await startServer();
    await server.close();
    expect(() => getRealtimeServer()).toThrow(expect.objectContaining({ code: 'SERVER_NOT_RUNNING' }));
    expect(realtime.emit('note', 1)).toEqual({ ok: false, reason: 'SERVER_NOT_RUNNING' });
  });

  test('refuses a second one, also while it is being made', async () => {
    const first = createRealtimeServer(options);
    onTestFinished(async () => (await first).close());
    await expect(createRealtimeServer(options)).rejects.toMatchObject({ code: 'SERVER_ALREADY_RUNNING' });
    await first;
    await expect(createRealtimeServer(options)).rejects.toMatchObject({ code: 'SERVER_ALREADY_RUNNING' });
    expect(getRealtimeServer()).toBe(await first);
  });

  test('may be made anew after one that could not be', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    await expect(createRealtimeServer({ ...options, port })).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    await expect(createRealtimeServer({ ...options, host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    expect((await startServer()).url).toMatch(/^http/);
  });

  test('leaves nothing that keeps the process alive', async () => {
    const script = runScript(`
      import { createRealtimeServer } from '${DIST}';
      const server = await createRealtimeServer(${JSON.stringify(options)});
      await server.close();
    `);
    expect(await script.exit).toEqual({ code: 0, signal: null });
  });

  test('leaves nothing that keeps the process alive when it could not be made', async () => {
    const script = runScript(`
      import { createRealtimeServer } from '${DIST}';
      const modules = ['a', 'b'].map((name) => ({ name, handlers: { same: () => {} } }));
      for (const more of [{ host: '192.0.2.1' }, { modules }, { trustProxy: ['x'] }, { state: { file: '/' } }]) {
        await createRealtimeServer({ ...${JSON.stringify(options)}, ...more }).then(
          () => { throw new Error('it started') },
          ({ code }) => console.log(code),
        );
      }
    `);
    expect(await script.exit, script.describe()).toEqual({ code: 0, signal: null });
    expect(script.stdout).toBe('CONFIG_INVALID\n'.repeat(4));
  });
});

test('realtime.emit without a server warns in the log and does not throw', async () => {
  const script = runScript(`
    import { realtime } from '${DIST}';
    console.log(JSON.stringify(realtime.emit('note', { secret: 1 })));
    console.log(JSON.stringify(realtime.emit('note', 1n)));
  `);
  expect(await script.exit).toEqual({ code: 0, signal: null });
  const lines = script.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const result = { ok: false, reason: 'SERVER_NOT_RUNNING' };
  expect(lines.filter(({ msg }) => msg === undefined)).toEqual([result, result]);
  expect(lines.filter(({ msg }) => msg === 'event.failed')).toMatchObject(
    Array(2).fill({ level: 40, event: 'note', reason: 'SERVER_NOT_RUNNING' }),
  );
  expect(script.stdout).not.toContain('secret');
});

test('a package that is loaded twice sees the one server', async () => {
  const script = runScript(`
    import { createRealtimeServer } from '${DIST}';
    const server = await createRealtimeServer(${JSON.stringify(options)});
    const again = await import('${new URL('../../dist/global.js', import.meta.url).href}?again');
    console.log(again.getRealtimeServer() === server, again.realtime.emit('note', 1).ok);
    await server.close();
  `);
  await script.exit;
  expect(script.stdout).toBe('true true\n');
});

describe('server.users', () => {
  test('says who is online, and disconnects', async () => {
    const { server, url, token } = await startServer();
    expect(server.users.isOnline('42')).toBe(false);
    const sockets = await Promise.all([1, 2].map(() => connectClient(url, { token: token('42') })));
    const neighbour = await connectClient(url, { token: token('43') });
    expect(server.users.isOnline('42')).toBe(true);
    expect(server.users.kick('42')).toBe(2);
    expect(server.users.isOnline('42')).toBe(false);
    expect(server.users.disconnectUser('42')).toBe(0);
    for (const socket of sockets) expect(await nextEvent(socket, 'closing')).toMatchObject({ code: 'KICKED' });
    expect(await neighbour.emitWithAck('ping')).toMatchObject({ ok: true });
  });
});
