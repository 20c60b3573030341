import { Decoder, Encoder } from 'socket.io-parser';
import { expect, test } from 'vitest';
import { createFolder } from '../cli/place.ts';
import { connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { startCliServer } from '../support/run-cli.ts';
import { connectToBoth, logLines, startWorkers } from './start-workers.ts';

const PARTS = 24;

/** A client that takes more binary parts than one does by default. */
class GenerousDecoder extends Decoder {
  constructor() {
    super({ maxAttachments: PARTS });
  }
}
const parser = { Encoder, Decoder: GenerousDecoder };

/** Two workers with handlers of an application, and a socket of each. */
async function startShop(handlers: string) {
  const folder = createFolder();
  folder.write(
    'rtserver.config.mjs',
    `import { defineModule, realtime } from 'rtserver';
     export default { workers: 2, shutdown: { spread: 0 }, modules: [defineModule({ name: 'shop', handlers: { ${handlers} } })] };`,
  );
  const { cli, url } = await startCliServer([], { cwd: folder.cwd });
  const token = (await folder.run(['token', '--user', '42'])).stdout.trim();
  // Two connections at rest go to different workers.
  const sockets = [await connectClient(url, { token, parser }), await connectClient(url, { token, parser })];
  return { cli, sockets };
}

const failures = (cli: Awaited<ReturnType<typeof startShop>>['cli']) =>
  logLines(cli).filter(({ msg }) => msg === 'server.failed' || msg === 'worker.ended');

test('what JSON cannot say is refused to whoever emits it, and ends no worker', async () => {
  const { cli, sockets } = await startShop(`big: () => ({ result: realtime.emit('told', 1n) }),
     ask: async () => { await realtime.emitWithAck('told', 1n, undefined, { timeoutMs: 100 }); return {}; }`);
  for (const socket of sockets) {
    expect(await socket.emitWithAck('big', {})).toMatchObject({ result: { ok: false, reason: 'PAYLOAD_INVALID' } });
    await socket.emitWithAck('ask', {});
  }
  for (const socket of sockets) expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
  expect(failures(cli)).toEqual([]);
});

test('a nesting too deep to encode is refused over HTTP, as by one node', async () => {
  const server = await startWorkers();
  const sockets = await connectToBoth(server);
  const nested = `${'['.repeat(7_000)}${']'.repeat(7_000)}`;
  for (let round = 0; round < 4; round++) {
    const response = await fetch(new URL('/api/emit', server.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      body: `{"event":"note","payload":${nested}}`,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'PAYLOAD_INVALID' });
  }
  for (const socket of sockets) expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
  expect(failures(server.cli)).toEqual([]);
});

test('an event of many binary parts reaches the clients of every worker', async () => {
  const { cli, sockets } = await startShop(`tell: () => {
     realtime.emit('told', Array.from({ length: ${PARTS} }, (_, at) => Buffer.from([at])));
     return {};
   }`);
  for (const from of sockets) {
    from.emit('tell', {});
    for (const socket of sockets) {
      const told = await nextEvent<Buffer[]>(socket, 'told');
      expect(told.map(([byte]) => byte)).toEqual(Array.from({ length: PARTS }, (_, at) => at));
    }
  }
  expect(failures(cli)).toEqual([]);
});
