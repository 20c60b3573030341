import { describe, expect, onTestFinished, test } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/index.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

/** A client that comes back at once after a lost connection, closed with the test. */
function open(url: string, options: ConnectOptions) {
  const client = connect(url, options);
  onTestFinished(() => client.close());
  client.socket.io.reconnectionDelay(1);
  const seen = { readies: 0 };
  client.on('ready', () => seen.readies++);
  return { client, seen, loseConnection: () => client.socket.io.engine.close() };
}

describe('a token function', () => {
  test.for<[what: string, outcome: () => Promise<void>]>([
    ['answers', async () => {}],
    ['fails', () => Promise.reject(new Error('late'))],
  ])('that %s after its connection was lost, and before the next asks, disturbs nobody', async ([, outcome]) => {
    const { url, token, logs, server } = await startServer();
    let settleFirst = () => {};
    const first = new Promise<void>((resolve) => {
      settleFirst = resolve;
    });
    let asked = 0;
    const { client, seen } = open(url, {
      async token(): Promise<string> {
        if (++asked === 1) await first.then(outcome);
        return token('42');
      },
    });
    client.socket.io.once('open', () => {
      // The next transport is being opened then, and keeps what is sent.
      server.http.once('connection', settleFirst);
      client.socket.io.engine.close();
    });
    await until(() => seen.readies === 1);
    expect(asked).toBe(2);
    expect(await client.ping()).toMatchObject({ serverTime: expect.any(Number) });
    expect(client.isConnected).toBe(true);
    expect(logs.of('connection.accepted')).toHaveLength(1);
    expect(logs.of('connection.closed')).toEqual([]);
  });

  test('that fails once on the way back holds the client up no longer than a lost connection', async () => {
    // Else the server would end the connection on which nothing is said.
    const { url, token } = await startServer({ limits: { connectTimeout: '5m' } });
    let asked = 0;
    const { client, seen, loseConnection } = open(url, {
      token: () => (++asked === 2 ? Promise.reject(new Error('no network')) : token('42')),
      connectTimeoutMs: 300_000,
    });
    await client.ready;
    loseConnection();
    await until(() => seen.readies === 2);
    expect(asked).toBe(3);
  });

  test.for(['resolves', 'rejects'])(
    'that %s when its connection has gone does not disturb the next one',
    async (way) => {
      const { url, token } = await startServer();
      const asks: { resolve(token: string): void; reject(error: Error): void }[] = [];
      const { client, seen, loseConnection } = open(url, {
        token: () => new Promise((resolve, reject) => void asks.push({ resolve, reject })),
      });
      await until(() => asks.length === 1);
      loseConnection();
      await until(() => asks.length === 2);
      asks[1]?.resolve(token('42'));
      const { socketId } = await client.ready;
      if (way === 'resolves') asks[0]?.resolve(token('42'));
      else asks[0]?.reject(new Error('too late'));
      await client.ping();
      expect(client.socket.id).toBe(socketId);
      expect(seen.readies).toBe(1);
    },
  );
});

test('a token that was refreshed is the one that the client comes back with', async () => {
  const { url, token, server } = await startServer();
  const { client, seen, loseConnection } = open(url, { token: token('42', { claims: { age: 'old' } }) });
  await client.ready;
  await client.refresh(token('42', { claims: { age: 'new' } }));
  await expect(client.refresh(token('43'))).rejects.toThrow();
  loseConnection();
  await until(() => seen.readies === 2);
  const socket = server.io.sockets.sockets.get(String(client.socket.id));
  expect(socket?.data.user['age']).toBe('new');
});
