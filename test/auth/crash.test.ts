import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startCli, tempFolder } from '../support/run-cli.ts';

const DIST = new URL('../../dist/index.js', import.meta.url).href;
const SECRET = 'a-secret-for-tests-that-is-long-enough';
const admin = jwt.sign({ sub: 'admin', scope: 'admin' }, SECRET);

/** A server in a process of its own, that is killed in the very turn in which its answer arrives. */
async function startProcess(file: string) {
  const options = { port: 0, auth: { secret: SECRET }, state: { file } };
  const code = `import { createRealtimeServer } from '${DIST}'; await createRealtimeServer(${JSON.stringify(options)});`;
  const process = startCli([], { nodeArgs: ['--input-type=module', '--eval', code] });
  const line = await process.waitForLine('"server.listening"');
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    async postAndKill(path: string, body: object): Promise<Record<string, unknown>> {
      const response = await fetch(new URL(path, url), {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      process.kill('SIGKILL');
      expect(await process.exit).toMatchObject({ signal: 'SIGKILL' });
      expect(response.ok).toBe(true);
      return (await response.json()) as Record<string, unknown>;
    },
  };
}

test('a session opens although the server was killed right after it was created', async () => {
  const file = join(tempFolder(), 'state.json');
  const { token } = await (await startProcess(file)).postAndKill('/api/sessions', { userId: '42', ttlSeconds: 60 });
  const { url } = await startProcess(file);
  expect((await connectClient(url, { token: String(token) })).ready.userId).toBe('42');
});

test('what was revoked stays revoked although the server was killed right after', async () => {
  const file = join(tempFolder(), 'state.json');
  const token = jwt.sign({ sub: '42', jti: 'one' }, SECRET);
  const ofUser = jwt.sign({ sub: '43' }, SECRET);
  const { token: session } = await (await startProcess(file)).postAndKill('/api/sessions', {
    userId: '44',
    ttlSeconds: 60,
  });
  await (await startProcess(file)).postAndKill('/api/tokens/revoke', { jti: 'one' });
  await (await startProcess(file)).postAndKill('/api/tokens/revoke', { userId: '43' });
  await (await startProcess(file)).postAndKill('/api/sessions/revoke', { token: session });
  const { url } = await startProcess(file);
  expect((await expectRefusal(url, { token })).data.code).toBe('TOKEN_REVOKED');
  expect((await expectRefusal(url, { token: ofUser })).data.code).toBe('TOKEN_REVOKED');
  expect((await expectRefusal(url, { token: String(session) })).data.code).toBe('SESSION_INVALID');
});
