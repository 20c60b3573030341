import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { runCli, startCliServer, tempFolder } from '../support/run-cli.ts';

function folderWith(files: Record<string, string>): string {
  const cwd = tempFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  return cwd;
}

const mint = async (cwd: string, ...args: string[]) =>
  (await runCli(['token', '--user', '42', ...args], { cwd })).stdout.trim();

test('an empty YAML file says nothing, and paths in a file are relative to it', async () => {
  const cwd = folderWith({
    'rtserver.config.yaml': '',
    'etc/rt.yaml': 'state:\n  file: sessions.json\n',
    'etc/.keep': '',
  });
  await startCliServer([], { cwd }).then(({ cli }) => cli.stop());
  await startCliServer(['--config', 'etc/rt.yaml'], { cwd });
  expect(await runCli(['session', 'create', '--user', '42'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(join(cwd, 'etc/sessions.json'), 'utf8')).toContain('42');
});

describe('a TypeScript file', () => {
  const files = {
    'schema.ts': `
      import { defineEvents } from 'rtserver';
      const version = { '~standard': { version: 1 as const, vendor: 'by-hand', validate: (value: unknown) =>
        typeof (value as { version?: unknown })?.version === 'number'
          ? { value: value as { version: number } }
          : { issues: [{ message: 'must be a number', path: ['version'] }] } } };
      export const events = defineEvents({ 'protocol:updated': version });`,
    'rtserver.config.ts': `
      import { defineModule, realtime, RtError } from 'rtserver';
      import { events } from './schema.ts';
      const chat = defineModule({
        name: 'chat', roomPrefix: 'chat/',
        handlers: {
          'chat:join': (payload: unknown, { join }: { join(room: string): void }) => { join('chat/a'); return { joined: 'chat/a' }; },
          'chat:tell': () => realtime.emit('protocol:updated' as never, { version: 3 } as never, { rooms: ['chat/a'] }),
          'chat:no': () => { throw new RtError('FORBIDDEN', { reason: 'not today' }); },
        },
      });
      export default { events, modules: [chat], limits: { roomsPerSocket: 7 } };`,
  };

  test('brings events, modules and the global accessor, without rtserver being installed beside it', async () => {
    const cwd = folderWith(files);
    const { url } = await startCliServer([], { cwd });
    const socket = await connectClient(url, { token: await mint(cwd) });
    expect(await socket.emitWithAck('chat:join', {})).toMatchObject({ ok: true, joined: 'chat/a' });
    expect(await socket.emitWithAck('chat:tell', {})).toMatchObject({ ok: true });
    expect(await nextEvent(socket, 'protocol:updated')).toEqual({ version: 3 });
    expect(await socket.emitWithAck('chat:no', {})).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    expect(await socket.emitWithAck('room:join', { room: 'chat/a' })).toMatchObject({
      error: { code: 'ROOM_FORBIDDEN' },
    });
    const { stdout } = await runCli(['ls', 'events'], { cwd });
    expect(stdout).toMatch(/^EVENT +SCHEMA\nprotocol:updated +by-hand\n$/);
    const wrong = ['emit', '--all', '--event', 'protocol:updated', '--payload', '{"version":"3"}'];
    expect(await runCli(wrong, { cwd })).toMatchObject({ code: 4, stderr: expect.stringMatching(/PAYLOAD_INVALID/) });
  });
});
