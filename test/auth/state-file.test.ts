import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRealtimeServer } from '../../src/index.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

type Started = Awaited<ReturnType<typeof startServer>>;

async function createSession({ request }: Started, userId = '42', ttlSeconds = 60): Promise<string> {
  const response = await request('/api/sessions', { body: { userId, ttlSeconds } });
  return ((await response.json()) as { token: string }).token;
}

const start = (file: string) => startServer({ state: { file } });
const statusOf = async (response: Promise<Response>) => (await response).status;

describe('the state file', () => {
  test('is for its owner only, and so is its folder', async () => {
    const file = join(tempFolder(), 'deep/er/state.json');
    await createSession(await start(file));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700);
  });

  test('holds session tokens as hashes, and no JWT', async () => {
    const file = join(tempFolder(), 'state.json');
    const started = await start(file);
    const session = await createSession(started);
    await started.request('/api/tokens/revoke', { body: { jti: 'an-id' } });
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(session);
    expect(text).not.toContain(session.slice('sess_'.length));
    expect(text).not.toContain(started.adminToken);
    expect(text).toContain('an-id');
  });

  test('brings sessions and revocations over a restart', async () => {
    const file = join(tempFolder(), 'state.json');
    const first = await start(file);
    const [kept, revoked] = [await createSession(first), await createSession(first)];
    const byId = first.token('44', { claims: { jti: 'an-id' } });
    const byUser = first.token('45');
    await first.request('/api/sessions/revoke', { body: { token: revoked } });
    await first.request('/api/tokens/revoke', { body: { jti: 'an-id' } });
    await first.request('/api/tokens/revoke', { body: { userId: '45' } });
    await first.server.close();

    const { url, token } = await start(file);
    expect((await connectClient(url, { token: kept })).ready.userId).toBe('42');
    expect((await expectRefusal(url, { token: revoked })).data.code).toBe('SESSION_INVALID');
    for (const old of [byId, byUser]) {
      const { message, data } = await expectRefusal(url, { token: old });
      expect(message).toBe('Token revoked');
      expect(data).toMatchObject({ code: 'TOKEN_REVOKED', retry: false });
    }
    expect((await connectClient(url, { token: token('45') })).ready.userId).toBe('45');
  });

  test('drops what has expired', async () => {
    const file = join(tempFolder(), 'state.json');
    const started = await start(file);
    await createSession(started, 'short', 0.02);
    await started.request('/api/tokens/revoke', { body: { jti: 'short-id', expiresAt: Date.now() + 20 } });
    await until(
      async () => {
        await createSession(started, 'long');
        const text = await readFile(file, 'utf8');
        return text.includes('long') && !text.includes('short');
      },
      { what: 'the end of the expired entries' },
    );
  });

  test('never forgets a revocation at once, because of an expiresAt that is given in seconds', async () => {
    const started = await start(join(tempFolder(), 'state.json'));
    const exp = Math.floor(Date.now() / 1_000) + 600;
    const token = started.token('42', { claims: { jti: 'an-id', exp } });
    const response = await started.request('/api/tokens/revoke', { body: { jti: 'an-id', expiresAt: exp } });
    // Refused, or done: an answer "ok" after which the token still opens is neither.
    if (response.ok) expect((await expectRefusal(started.url, { token })).data.code).toBe('TOKEN_REVOKED');
    else expect(response.status).toBe(400);
  });

  test('keeps every one of many changes at once', async () => {
    const file = join(tempFolder(), 'state.json');
    const first = await start(file);
    const sessions = await Promise.all(Array.from({ length: 50 }, (_, n) => createSession(first, `u${n}`)));
    await first.server.close();
    const { url } = await start(file);
    const sockets = await Promise.all(sessions.map((token) => connectClient(url, { token })));
    expect(sockets.map(({ ready }) => ready.userId)).toEqual(sessions.map((_, n) => `u${n}`));
  });

  test.each([
    ['no JSON', '{"sessions":'],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['without its parts', '{}'],
    ['with parts of another shape', '{"sessions":[],"revokedTokens":"abc","revokedUsers":{}}'],
    ['with a session that is none', '{"version":1,"sessions":{"x":null},"revokedTokens":{},"revokedUsers":{}}'],
    ['of a later version', '{"version":99,"sessions":{},"revokedTokens":{},"revokedUsers":{}}'],
  ])('is refused when it is %s, with its name and what is wrong, and left alone', async (_name, text) => {
    const file = join(tempFolder(), 'state.json');
    await writeFile(file, text);
    await expect(start(file).then(() => 'it started')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { key: 'state.file' },
      message: expect.stringContaining(file),
    });
    expect(await readFile(file, 'utf8')).toBe(text);
    // Nothing is left behind: another one may start.
    expect((await startServer()).url).toMatch(/^http/);
  });

  test('is refused when it is a folder', async () => {
    const file = tempFolder();
    const options = { port: 0, auth: { secret: 'x'.repeat(32) }, state: { file }, log: { level: 'silent' } } as const;
    await expect(createRealtimeServer(options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('a change that cannot be saved', () => {
  /** A server whose state file cannot be written, until `repair`. */
  async function startBroken() {
    const folder = join(tempFolder(), 'state');
    await mkdir(folder);
    const started = await start(join(folder, 'state.json'));
    return {
      ...started,
      async damage() {
        await rename(folder, `${folder}-away`);
        await writeFile(folder, 'a file where the folder was');
      },
      async repair() {
        await rm(folder);
        await rename(`${folder}-away`, folder);
      },
    };
  }

  test.each([
    ['/api/sessions', { userId: '42', ttlSeconds: 60 }],
    ['/api/sessions/revoke', { userId: '42' }],
    ['/api/sessions/revoke', { token: 'sess_x' }],
    ['/api/tokens/revoke', { jti: 'an-id' }],
    ['/api/tokens/revoke', { userId: '42' }],
  ])('is 503 STATE_NOT_SAVED: POST %s %j', async (path, body) => {
    const broken = await startBroken();
    await broken.damage();
    const response = await broken.request(path, { body });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 503, code: 'STATE_NOT_SAVED' });
    await broken.repair();
    expect((await broken.request(path, { body })).ok).toBe(true);
  });

  test('closes the sockets of a revoked session when it is tried again', async () => {
    const broken = await startBroken();
    const session = await createSession(broken);
    const socket = await connectClient(broken.url, { token: session });
    await broken.damage();
    const revoke = () => broken.request('/api/sessions/revoke', { body: { token: session } });
    expect(await statusOf(revoke())).toBe(503);
    await broken.repair();
    expect(await statusOf(revoke())).toBe(200);
    expect(await nextEvent(socket, 'closing', { withinMs: 3_000 })).toMatchObject({ code: 'SESSION_REVOKED' });
  });

  test('closes the sockets of a revoked token when it is tried again', async () => {
    const broken = await startBroken();
    const socket = await connectClient(broken.url, { token: broken.token('42', { claims: { jti: 'an-id' } }) });
    await broken.damage();
    const revoke = () => broken.request('/api/tokens/revoke', { body: { jti: 'an-id' } });
    expect(await statusOf(revoke())).toBe(503);
    await broken.repair();
    expect(await statusOf(revoke())).toBe(200);
    expect(await nextEvent(socket, 'closing', { withinMs: 3_000 })).toMatchObject({ code: 'TOKEN_REVOKED' });
  });
});

test.each(['/proc/nope/state.json', '/proc/1/nope/deep/state.json'])(
  'a state file at %s, where nothing can be made, keeps the server from starting',
  async (file) => {
    await expect(startServer({ state: { file } })).rejects.toThrow(/state\.file .*its folder cannot be written to/);
  },
);
