import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';
import { parseFiles } from '../support/transcript.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** Each `@ts-expect-error` must be one, and nothing else may be. */
const FILES = {
  'events.ts': `
    import { defineEvents } from 'rtserver';
    import { z } from 'zod';
    export const events = defineEvents({
      'protocol:updated': z.object({ protocolId: z.string(), version: z.number().int() }),
    });
    declare module 'rtserver' { interface Register { events: typeof events } }`,
  'server.ts': `
    import { createRealtimeServer, defineModule, realtime } from 'rtserver';
    import { events } from './events.js';
    realtime.emit('protocol:updated', { protocolId: '7', version: 3 }, { rooms: ['protocol:7'] });
    // @ts-expect-error: an event that is not registered
    realtime.emit('protocol:update', { protocolId: '7', version: 3 });
    // @ts-expect-error: a payload of another type
    realtime.emit('protocol:updated', { protocolId: 7, version: 3 });
    export const server = await createRealtimeServer({ events, auth: { secret: 'x' } });
    server.emitter.emit('protocol:updated', { protocolId: '7', version: 3 }, { users: ['42'] });
    // @ts-expect-error: an event that is not declared
    server.emitter.emit('protocol:update', {});
    server.io.on('connection', ({ data }) => { const id: string = data.userId; void id; });
    export const chat = defineModule({
      name: 'chat',
      onConnect({ emitter }) {
        emitter.emit('protocol:updated', { protocolId: '7', version: 3 });
        // @ts-expect-error: an event that is not registered
        emitter.emit('protocol:update', {});
      },
    });`,
  'accessor.ts': `
    import { getRealtimeServer } from 'rtserver';
    const { emitter } = getRealtimeServer();
    emitter.emit('protocol:updated', { protocolId: '7', version: 3 });
    // @ts-expect-error: an event that is not registered
    emitter.emit('protocol:update', {});`,
  'client.ts': `
    import { connect } from 'rtserver/client';
    const client = connect('http://localhost:3000');
    client.on('protocol:updated', ({ version }) => { const next: number = version + 1; void next; });
    client.on('ready', ({ heartbeatTimeoutMs }) => { const ms: number = heartbeatTimeoutMs; void ms; });
    // @ts-expect-error: an event that is not registered
    client.on('protocol:update', () => {});`,
  // A library of its own, which hands out declarations: each type in them needs a name that can be imported.
  'wrapper.ts': `
    import { connect, createAdminClient } from 'rtserver/client';
    const client = connect('http://localhost:3000');
    const admin = createAdminClient({ url: 'http://localhost:3000', token: 'x' });
    export const { join, leave, joinProtocol, leaveProtocol, refresh, ping, close, onClosing } = client;
    export const { sockets, rooms, users, refusals, events, emit, kick, createSession, revokeSession } = admin;
    export const listSockets = async () => (await admin.sockets()).items;
    export const enter = () => Promise.all([client.ready, client.join('x'), client.joinProtocol(7), client.ping()]);
    export const publish = () => admin.emit({ event: 'x' });`,
  'testing.ts': `
    import { createTestServer, nextEvent } from 'rtserver/testing';
    import { events } from './events.js';
    const { connectAs } = await createTestServer({ events });
    const { version } = await nextEvent(await connectAs('42'), 'protocol:updated', { timeoutMs: 100 });
    const next: number = version + 1; void next;
    // @ts-expect-error: an event that is not declared
    await nextEvent(await connectAs('42'), 'protocol:update');`,
} as const;

/** A project that has the built package and its peers installed, as npm would lay them out. */
function createConsumer(files: Readonly<Record<string, string>> = FILES): string {
  const folder = tempFolder();
  const link = (target: string, name: string) => {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  };
  link(root, 'rtserver');
  for (const name of ['zod', '@types/node']) link(join(root, 'node_modules', name), name);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function compile(folder: string, args: readonly string[] = []): Promise<string> {
  try {
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], { cwd: folder });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

async function check(folder: string, file: keyof typeof FILES, resolution: string): Promise<string> {
  const module = resolution === 'bundler' ? 'esnext' : resolution;
  const flags = ['--noEmit', '--declaration', '--strict', '--skipLibCheck', '--target', 'es2023', '--types', 'node'];
  return compile(folder, [...flags, '--module', module, '--moduleResolution', resolution, 'events.ts', file]);
}

const RESOLUTIONS = ['node16', 'nodenext', 'bundler'];

test.each(RESOLUTIONS)(
  'an application that registers its events has them, module resolution %s',
  async (resolution) => {
    const folder = createConsumer();
    for (const file of ['server.ts', 'client.ts', 'testing.ts'] as const)
      expect(await check(folder, file, resolution), file).toBe('');
  },
);

test.each(RESOLUTIONS)('getRealtimeServer() knows them too, module resolution %s', async (resolution) => {
  expect(await check(createConsumer(), 'accessor.ts', resolution)).toBe('');
});

test('a library can hand out what it gets from the client', async () => {
  expect(await check(createConsumer(), 'wrapper.ts', 'nodenext')).toBe('');
});

test('the files of the page on events compile with the settings that it names, and with no other mistake than they say', async () => {
  const page = readFileSync(join(root, 'docs/events.md'), 'utf8');
  const files = Object.fromEntries(parseFiles(page).map(({ file, content }) => [file, content]));
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['tsconfig.json', 'chat.ts', 'listen.ts', 'send.ts']));
  expect(await compile(createConsumer(files))).toBe('');
  const broken = { ...files, 'events.ts': files['events.ts']?.replace('chat:message', 'chat:massage') ?? '' };
  expect(await compile(createConsumer(broken))).toContain('chat.ts');
});
