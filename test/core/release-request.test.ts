import { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { tcpOf } from '../support/crowd.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const socketsOf = ({ server }: Awaited<ReturnType<typeof startServer>>) => [...server.io.sockets.sockets.values()];

test.for(['websocket', 'polling'] as const)(
  'by %s, the request goes once the application had its turn with it',
  async (transport) => {
    const started = await startServer();
    const seen: unknown[] = [];
    started.server.io.on('connection', ({ request }) => seen.push(request instanceof IncomingMessage));
    await connectClient(started.url, {
      token: started.token('42'),
      transports: [transport],
      extraHeaders: { 'accept-language': 'eo' },
    });
    const [socket] = socketsOf(started);
    await until(() => !(socket?.request instanceof IncomingMessage), { what: 'the request is released' });
    expect(seen).toEqual([true]);
    expect(socket?.request).toMatchObject({ method: 'GET', url: expect.stringMatching(/^\/socket\.io\/\?EIO=4/) });
    expect(socket?.request.headers['accept-language']).toBe('eo');
    expect(socket?.request.connection).toBe(socket?.request.socket);
    expect(socket?.handshake.headers['accept-language']).toBe('eo');
  },
);

test('nothing that stood for the answer to an upgrade listens to its connection any more', async () => {
  const started = await startServer();
  await connectClient(started.url, { token: started.token('42'), transports: ['websocket'] });
  const [socket] = socketsOf(started);
  if (socket === undefined) throw new Error('not connected');
  const once = tcpOf(socket)
    .rawListeners('close')
    .filter((listener) => 'listener' in listener);
  expect(once).toEqual([]);
});

test('the requests stay where middleware of the application has them, and it hears of their end', async () => {
  const started = await startServer();
  let ended = 0;
  started.server.io.engine.use((request: object, response: NodeJS.EventEmitter, next: () => void) => {
    Object.assign(request, { session: { cart: 3 } });
    response.on('close', () => {
      ended += 1;
    });
    next();
  });
  const client = await connectClient(started.url, { token: started.token('42'), transports: ['websocket'] });
  const [socket] = socketsOf(started);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(socket?.request).toBeInstanceOf(IncomingMessage);
  expect(socket?.request).toMatchObject({ session: { cart: 3 } });
  client.disconnect();
  await until(() => ended === 1, { what: 'the end of the request' });
});
