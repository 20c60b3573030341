import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io, type Socket } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ConnectOptions, connect } from '../src/client/index.ts';
import type { EventSchemas } from '../src/index.ts';
import { installedFolder } from './support/installed-folder.ts';
import { startCli } from './support/run-cli.ts';
import { type StartedServer, startServer } from './support/start-server.ts';
import { parseFiles } from './support/transcript.ts';
import { until } from './support/until.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const ROOM = { rooms: ['protocol:7'] };
const UPDATED = { protocolId: '7', version: 3 };

/** Every connection is lost, as when a server is killed. */
function cutOff({ server }: StartedServer<EventSchemas>): void {
  for (const socket of server.io.sockets.sockets.values()) socket.conn.close();
}

const isInRoom = ({ server }: StartedServer<EventSchemas>) =>
  server.io.sockets.adapter.rooms.get('protocol:7')?.size === 1;

describe('client.mjs of the first five minutes', () => {
  const source =
    parseFiles(read('docs/first-five-minutes.md')).find(({ file }) => file === 'client.mjs')?.content ?? '';

  /** Runs it as a program of its own, with the built package installed. */
  function run(url: string, token: string) {
    const cwd = installedFolder();
    symlinkSync(root, join(cwd, 'node_modules/rtserver'));
    const bin = join(cwd, 'client.mjs');
    writeFileSync(bin, source.replace('http://127.0.0.1:3000', url));
    return startCli([], { cwd, bin, env: { TOKEN: token } });
  }

  test('is in its room again after a lost connection, and acknowledges', async () => {
    const started = await startServer();
    const client = run(started.url, started.token('42'));
    await until(() => isInRoom(started));
    cutOff(started);
    await until(() => !isInRoom(started));
    await until(() => isInRoom(started), { what: 'the room after the reconnection', withinMs: 45_000 });
    expect(await started.server.emitter.emitWithAck('protocol:updated', UPDATED, ROOM)).toMatchObject([{ ok: true }]);
    await client.waitForLine('version 3');
  });

  test('says why it has ended: kicked', async () => {
    const started = await startServer();
    const client = run(started.url, started.token('42'));
    await until(() => isInRoom(started));
    started.server.users.kick('42');
    expect(await client.exit).toMatchObject({ code: 0 });
    expect(client.stderr).toBe('ended for good: KICKED\n');
  });

  test('says why it has ended: a token that has run out', async () => {
    const { url, token } = await startServer();
    const client = run(url, token('42', { expiresInMs: -1_000 }));
    expect(await client.exit).toMatchObject({ code: 0 });
    expect(client.stderr).toBe('not connected: Token expired\nended for good: TOKEN_EXPIRED\n');
  });
});

describe('the stock client of the README', () => {
  const source = /import \{ io \} from 'socket.io-client';\n(?<body>.*?)^```$/ms.exec(read('README.md'))?.groups?.[
    'body'
  ];

  test('is in its room again after a lost connection, beats with one heart, and acknowledges', async () => {
    const started = await startServer();
    const beating = new Set<unknown>();
    const sockets: Socket[] = [];
    onTestFinished(() => {
      for (const socket of sockets) socket.disconnect();
      for (const timer of beating) clearInterval(timer as NodeJS.Timeout);
    });
    const scope = {
      token: started.token('42'),
      console: { log: () => {} },
      io: (_url: string, options: object) => {
        const socket = io(started.url, { ...options, forceNew: true, reconnectionDelay: 10 });
        sockets.push(socket);
        return socket;
      },
      setInterval: (beat: () => void, ms: number) => {
        const timer = setInterval(beat, ms);
        beating.add(timer);
        return timer;
      },
      clearInterval: (timer: NodeJS.Timeout | undefined) => {
        clearInterval(timer);
        beating.delete(timer);
      },
    };
    new Function(...Object.keys(scope), source ?? '')(...Object.values(scope));
    await until(() => isInRoom(started));
    cutOff(started);
    await until(() => !isInRoom(started));
    await until(() => isInRoom(started), { what: 'the room after the reconnection', withinMs: 45_000 });
    expect(beating.size).toBe(1);
    expect(await started.server.emitter.emitWithAck('protocol:updated', UPDATED, ROOM)).toMatchObject([{ ok: true }]);
  });
});

test('the React hook of the page on the library shows the last payload, joins again, and closes', async () => {
  const hook = /^export (?<body>function useLatest.*?)^```$/ms.exec(read('docs/library.md'))?.groups?.['body'];
  const started = await startServer();
  const { token, url, server } = started;
  const shown: unknown[] = [];
  let close = () => {};
  onTestFinished(() => close());
  const scope = {
    connect: (_url: string, options: ConnectOptions) => connect(url, options),
    useState: () => [undefined, (value: unknown) => shown.push(value)],
    useEffect: (effect: () => () => void) => {
      close = effect();
    },
  };
  const useLatest = new Function(...Object.keys(scope), `return ${hook}`)(...Object.values(scope));
  useLatest('protocol:updated', '7', () => token('42'));
  await until(() => isInRoom(started));
  cutOff(started);
  await until(() => !isInRoom(started));
  await until(() => isInRoom(started), { what: 'the room after the reconnection', withinMs: 45_000 });
  server.emitter.emit('protocol:updated', UPDATED, ROOM);
  await until(() => shown.length === 1);
  expect(shown).toEqual([UPDATED]);
  close();
  await until(() => server.io.sockets.sockets.size === 0);
});
