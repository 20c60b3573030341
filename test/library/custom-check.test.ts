import { expect, test } from 'vitest';
import { type AuthenticateUser, RtError } from '../../src/index.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const authenticate: AuthenticateUser = () => ({ userId: '42', rooms: ['lobby'] });

test('no token gives a client what the check of the application did not', async () => {
  const { url, token } = await startServer({ authenticate });
  const socket = await connectClient(url);
  expect(await socket.emitWithAck('auth:refresh', { token: token('42') })).toMatchObject({
    ok: false,
    error: { code: 'FORBIDDEN', message: expect.stringContaining('connect again') },
  });
  expect(await socket.emitWithAck('room:join', { room: 'vault' })).toMatchObject({
    ok: false,
    error: { code: 'ROOM_FORBIDDEN' },
  });
  expect(await socket.emitWithAck('room:join', { room: 'lobby' })).toMatchObject({ ok: true });
});

test('a revocation while the check is under way keeps its user out, and only those who came before', async () => {
  let beAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    beAsked = resolve;
  });
  let decide = () => {};
  const decided = new Promise<void>((resolve) => {
    decide = resolve;
  });
  const { url, request } = await startServer({
    async authenticate() {
      beAsked();
      await decided;
      return { userId: '42' };
    },
  });
  const refused = expectRefusal(url);
  await asked;
  expect((await request('/api/tokens/revoke', { body: { userId: '42' } })).status).toBe(200);
  const revokedBefore = Date.now();
  decide();
  expect((await refused).data).toMatchObject({ code: 'TOKEN_REVOKED' });
  await until(() => Date.now() > revokedBefore, { what: 'a later millisecond than that of the revocation' });
  expect((await connectClient(url)).ready.userId).toBe('42');
});

test('an error of another copy of this package is passed on as it is', async () => {
  const foreign = Object.assign(new Error('full'), {
    name: 'RtError',
    code: 'SERVER_AT_CAPACITY',
    detail: { limit: 1 },
  });
  const errors: Error[] = [foreign, new RtError('SERVER_AT_CAPACITY', { limit: 1 }), new Error('full')];
  const { url } = await startServer({
    authenticate() {
      throw errors.shift();
    },
  });
  for (let copy = 0; copy < 2; copy += 1) {
    expect((await expectRefusal(url)).data).toMatchObject({ code: 'SERVER_AT_CAPACITY', limit: 1 });
  }
  expect((await expectRefusal(url)).data).toMatchObject({ code: 'UNAUTHENTICATED' });
});
