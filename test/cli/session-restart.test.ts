import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startPlace } from './place.ts';

test('sessions and their ends outlive the server, and no token of theirs is on disk', async () => {
  const first = await startPlace();
  const create = async (...args: string[]) => {
    const { code, stdout } = await first.run(['session', 'create', '--json', ...args]);
    expect(code).toBe(0);
    return JSON.parse(stdout) as { token: string; expiresAt: number };
  };
  const kept = await create('--user', 'kept', '--expires-in', '2h', '--claims', '{"role":"editor"}');
  const byToken = await create('--user', 'token');
  const byUser = [await create('--user', 'user'), await create('--user', 'user')];
  const short = await create('--user', 'short', '--expires-in', '1s');
  expect(kept.expiresAt - Date.now()).toBeGreaterThan(7_000_000);
  for (const which of [[byToken.token], ['--user', 'user']]) {
    expect(await first.run(['session', 'revoke', ...which])).toMatchObject({ code: 0 });
  }
  await first.server.stop('SIGKILL');

  const path = join(first.cwd, '.rtserver/state.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const { token } of [kept, byToken, ...byUser, short])
    expect(first.read('.rtserver/state.json')).not.toContain(token);

  const second = await startPlace([], { folder: first });
  expect((await connectClient(second.url, { token: kept.token })).ready.userId).toBe('kept');
  for (const { token } of [byToken, ...byUser]) {
    expect((await expectRefusal(second.url, { token })).data.code).toBeOneOf(['SESSION_INVALID', 'TOKEN_REVOKED']);
  }
  const late = await second.run(['session', 'revoke', byToken.token]);
  expect(late).toMatchObject({ code: 0, stdout: 'revoked 0, closed 0 connections\n' });
  expect(late.stderr).toBe('There was nothing to revoke: unknown, expired or revoked before.\n');
  expect(existsSync(path)).toBe(true);
});

test('a session token is nothing that token verify could judge, and says what to try', async () => {
  const place = await startPlace();
  const { stdout } = await place.run(['session', 'create', '--user', '42']);
  const { code, stderr } = await place.run(['token', 'verify', stdout.trim()]);
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr:
      'error: a session token is known to the running server only\nNext: try it with `rtserver join --token TOKEN`.\n',
  });
});

test('only an administrator makes and ends sessions', async () => {
  const place = await startPlace();
  const token = (await place.run(['token', '--user', '42'])).stdout.trim();
  for (const args of [
    ['session', 'create', '--user', '42'],
    ['session', 'revoke', '--user', '42'],
    ['kick', '--user', '42'],
    ['emit', '--all', '--event', 'a'],
  ]) {
    const { code, stdout, stderr } = await place.run([...args, '--token', token]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/FORBIDDEN\)\nNext: .*--admin/);
  }
});
