import { expect, test } from 'vitest';
import { defineModule } from '../../src/index.ts';
import { connectClient } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

test.each(['the client leaves', 'the server kicks'])(
  'a handler that joins a room after %s leaves no ghost in it',
  async (how) => {
    let finish = () => {};
    let isDone = false;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = defineModule({
      name: 'slow',
      handlers: {
        'slow:join': async (_payload, { join }) => {
          await gate;
          join('slow/room');
          isDone = true;
        },
      },
    });
    const { server, url, token, request } = await startServer({ modules: [slow] });
    const socket = await connectClient(url, { token: token('42') });
    socket.emit('slow:join', {});
    await socket.emitWithAck('ping');
    if (how === 'the client leaves') socket.disconnect();
    else server.users.disconnectUser('42');
    await until(() => server.io.engine.clientsCount === 0, { what: 'its end' });
    finish();
    await until(() => isDone);
    expect(server.emitter.emit('note', 1, { rooms: ['slow/room'] })).toEqual({ ok: true, recipients: 0 });
    expect(server.emitter.emit('note', 1)).toEqual({ ok: true, recipients: 0 });
    expect(await (await request('/api/rooms')).json()).toEqual({ items: [] });
  },
);
