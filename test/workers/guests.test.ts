import { expect, test } from 'vitest';
import { createFolder } from '../cli/place.ts';
import { connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { startCliServer } from '../support/run-cli.ts';

test('an event to a user comes to whoever an application has put in the room of that user', async () => {
  const folder = createFolder();
  folder.write(
    'rtserver.config.mjs',
    `import { defineModule, realtime } from 'rtserver';
     const watch = async ({ user }, { socket }) => { await socket.join('user:' + user); return {}; };
     const tell = ({ user, text }) => ({ result: realtime.emit('told', text, { users: [user] }) });
     export default { workers: 2, modules: [defineModule({ name: 'support', handlers: { watch, tell } })] };`,
  );
  const { url } = await startCliServer([], { cwd: folder.cwd });
  const token = async (user: string) => (await folder.run(['token', '--user', user])).stdout.trim();
  // Two connections at rest go to different workers.
  const ann = await token('ann');
  const sockets = [await connectClient(url, { token: ann }), await connectClient(url, { token: ann })];
  const watcher = await connectClient(url, { token: await token('watcher') });
  for (const user of ['ann', 'nobody']) expect(await watcher.emitWithAck('watch', { user })).toEqual({ ok: true });
  for (const [at, from] of sockets.entries()) {
    for (const user of ['ann', 'nobody']) {
      await from.emitWithAck('tell', { user, text: `${user} ${at}` });
      expect(await nextEvent(watcher, 'told')).toBe(`${user} ${at}`);
    }
    for (const socket of sockets) expect(await nextEvent(socket, 'told')).toBe(`ann ${at}`);
  }
});
