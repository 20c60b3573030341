import jwt from 'jsonwebtoken';
import { expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { until } from '../support/until.ts';
import { startServerForCommands } from './against-server.ts';
import { createFolder, startPlace } from './place.ts';

async function start() {
  const server = await startServerForCommands();
  const mint = async (user: string) => (await server.run(['token', '--user', user])).stdout.trim();
  return { ...server, mint };
}

test('token revoke ends the connections of one token, keeps it out, and leaves the user the others', async () => {
  const { url, run, mint } = await start();
  const [first, second] = [await mint('42'), await mint('42')];
  const [revoked, kept] = [await connectClient(url, { token: first }), await connectClient(url, { token: second })];
  const closing = nextEvent(revoked, 'closing');
  expect(await run(['token', 'revoke', '-'], { input: `${first}\n` })).toMatchObject({
    code: 0,
    stdout: 'revoked, closed 1 connection\n',
  });
  expect(await closing).toMatchObject({ code: 'TOKEN_REVOKED' });
  await expect(connectClient(url, { token: first })).rejects.toThrow('Token revoked');
  expect(kept.connected).toBe(true);
});

test('token revoke --user ends them all, and a token made afterwards is good', async () => {
  const { url, run, mint } = await start();
  const old = await mint('42');
  await connectClient(url, { token: old });
  const { stdout } = await run(['token', 'revoke', '--user', '42', '--json']);
  expect(JSON.parse(stdout)).toEqual({ ok: true, closed: 1 });
  await expect(connectClient(url, { token: old })).rejects.toThrow('Token revoked');
  expect((await connectClient(url, { token: await mint('42') })).connected).toBe(true);
});

test('what a user has of the other kind stays, and that is said with what ends it', async () => {
  const { url, run, mint } = await start();
  const session = (await run(['session', 'create', '--user', '42'])).stdout.trim();
  const [bySession, byToken] = [
    await connectClient(url, { token: session }),
    await connectClient(url, { token: await mint('42') }),
  ];
  const closing = nextEvent(byToken, 'closing');
  expect((await run(['token', 'revoke', '--user', '42'])).stderr).toContain('rtserver session revoke --user 42');
  expect(await closing).toMatchObject({ code: 'TOKEN_REVOKED' });
  expect(bySession.connected).toBe(true);
  const last = nextEvent(bySession, 'closing');
  expect((await run(['session', 'revoke', '--user', '42'])).stderr).toContain('rtserver token revoke --user 42');
  expect(await last).toMatchObject({ code: 'SESSION_REVOKED' });
});

test.each([
  ['nothing', [], 'either a TOKEN or --user ID'],
  ['both', ['a.b.c', '--user', '42'], 'either a TOKEN or --user ID'],
  ['an empty one', ['  '], 'it is empty'],
  ['a session', ['sess_x'], 'rtserver session revoke'],
  ['what is no token', ['hello'], 'that is no token'],
  ['one without an id', [jwt.sign({ sub: '42' }, 'x'.repeat(32))], 'rtserver token revoke --user 42'],
])('token revoke says what is wrong with %s', async (_what, args, words) => {
  const { run } = await start();
  const { code, stdout, stderr } = await run(['token', 'revoke', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(words);
});

test('token verify asks the server of its folder what was revoked, and says where it could not', async () => {
  const { run } = await startPlace();
  const token = (await run(['token', '--user', '42'])).stdout.trim();
  await until(async () => (await run(['token', 'verify', token])).stderr === '');
  await run(['token', 'revoke', token]);
  expect(await run(['token', 'verify', token])).toMatchObject({
    code: 4,
    stdout: 'invalid: Token revoked (TOKEN_REVOKED)\n',
  });
  // It may be a token for another server, which is nobody's business here.
  const other = await run(['token', 'verify', token, '--secret', '@.rtserver/secret']);
  expect(other).toMatchObject({ code: 0, stderr: 'It may have been revoked: only the server that it is for knows.\n' });
  const elsewhere = createFolder();
  elsewhere.write('.rtserver/secret', 'x'.repeat(32));
  const { stdout } = await elsewhere.run(['token', '--user', '42']);
  expect(await elsewhere.run(['token', 'verify', stdout.trim()])).toMatchObject({
    code: 0,
    stderr: 'It may have been revoked: no server runs in this folder that could be asked.\n',
  });
});
