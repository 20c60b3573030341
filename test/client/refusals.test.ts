import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { until } from '../support/until.ts';
import { watch } from '../support/watch.ts';

/** A Socket.IO server whose application refuses with these errors, one after the other, and then lets everybody in. */
async function startRefusing(...errors: Error[]) {
  const http = createServer().listen(0, '127.0.0.1');
  const io = new Server(http);
  onTestFinished(() => io.close());
  io.use((_, next) => next(errors.shift()));
  io.on('connection', (socket) => void socket.emit('ready', { heartbeatTimeoutMs: 60_000 }));
  await once(http, 'listening');
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

function open(url: string) {
  const client = connect(url);
  onTestFinished(() => client.close());
  return client;
}

const refusal = (message: string, data?: unknown) => Object.assign(new Error(message), { data });

test.for([
  ['says no more than a message', undefined, { code: 'FORBIDDEN', message: 'Not allowed: banned' }],
  ['adds a text', 'for good', { code: 'FORBIDDEN', message: 'Not allowed: banned' }],
  [
    'has a code of its own',
    { code: 'MY_CODE', retry: false, until: 7 },
    { code: 'FORBIDDEN', message: 'Not allowed: banned', detail: { code: 'MY_CODE', until: 7 } },
  ],
  ['has a code of its own, and a message', { code: 'MY_CODE', message: 'x', retry: false }, { code: 'FORBIDDEN' }],
  ['uses a code of ours, without the rest', { code: 'TOKEN_REVOKED' }, { code: 'TOKEN_REVOKED' }],
  ['allows no second try, whatever the code', { code: 'SERVER_AT_CAPACITY', retry: false }, { retry: false }],
] as const)('a refusal by an application that %s is the end', async ([, data, expected]) => {
  const client = open(await startRefusing(refusal('banned', data)));
  const error = await client.closed;
  expect(error).toMatchObject(expected);
  await expect(client.ready).rejects.toBe(error);
});

test('a refusal by an application that allows another try is tried again', async () => {
  const client = open(await startRefusing(refusal('busy', { code: 'MY_CODE', retry: true })));
  await expect(client.ready).rejects.toMatchObject({ code: 'FORBIDDEN', retry: true });
  await until(() => client.isConnected);
});

test('a watch of a Socket.IO server that is no rtserver says so', async () => {
  const { seen } = watch(await startRefusing(), 'x');
  const last = await until(() => seen.statuses.find(({ state }) => state === 'lost'));
  expect(last).toMatchObject({ reason: expect.stringContaining('is a Socket.IO server, and not an rtserver') });
});
