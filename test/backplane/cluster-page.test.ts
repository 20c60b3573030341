import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startBuiltServer } from '../hardening/built-server.ts';
import { connectClient } from '../support/connect.ts';
import { type ExternalTool, isToolMissing, requireTool } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { startRedis } from '../support/redis.ts';
import { startTwoNodes } from '../support/start-nodes.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/cluster.md', import.meta.url)), 'utf8');
const run = promisify(execFile);

/** The one block of the page in this language. */
function blockOf(language: string): string {
  const blocks = [...page.matchAll(/^```(?<language>\w+)\n(?<code>.*?)^```$/gms)].map(({ groups }) => groups);
  const found = blocks.filter((block) => block?.['language'] === language);
  expect(found).toHaveLength(1);
  return found[0]?.['code'] ?? '';
}

/** Two nodes, and user 42 on the second one, who answers questions. */
async function startPlace() {
  const [first, second] = await startTwoNodes(await startRedis());
  const client = await connectClient(second.url, { token: second.token('42') });
  client.on('question', (_payload, answer) => answer('yes'));
  await client.emitWithAck('protocol:join', { protocolId: 7 });
  const env = { ...process.env, RTSERVER_URL: first.url, RTSERVER_TOKEN: first.adminToken };
  return { client, env };
}

const isMissing = (tool: ExternalTool) => isToolMissing('redis-server') || isToolMissing(tool);

describe('docs/cluster.md', () => {
  test.skipIf(isMissing('curl'))('emits with curl to a client of another node', async () => {
    const { client, env } = await startPlace();
    const { stdout } = await run(requireTool('bash'), ['-c', blockOf('sh')], { env });
    expect(JSON.parse(stdout)).toEqual({ ok: true, recipients: 1 });
    expect(await nextEvent(client, 'news')).toEqual({ from: 'curl' });
  });

  test.skipIf(isMissing('python3'))('emits with Python to a client of another node, and is answered', async () => {
    const { client, env } = await startPlace();
    const { stdout } = await run(requireTool('python3'), ['-c', blockOf('python')], { env });
    expect(await nextEvent(client, 'news')).toEqual({ from: 'Python' });
    expect(stdout.split('\n')).toEqual(['True 1 None', expect.stringMatching(/^True 1 \[\{.*'value': 'yes'/), '']);
  });

  test.skipIf(isToolMissing('redis-server'))('gives a user of Redis all that a node needs', async () => {
    const redis = await startRedis();
    const [name = '', ...args] = blockOf('redis').trim().split(' ');
    await redis.run(name, ...args);
    const url = `redis://rtserver:password@127.0.0.1:${redis.port}`;
    const [first, second] = await Promise.all([
      startBuiltServer({ redis: { url } }),
      startBuiltServer({ redis: { url } }),
    ]);
    const client = await connectClient(second.url, { token: second.token('42') });
    const emitted = await first.request('/api/emit', { body: { event: 'news', payload: 1 } });
    expect(await emitted.json()).toEqual({ ok: true, recipients: 1 });
    expect(await nextEvent(client, 'news')).toBe(1);
    const closing = nextEvent(client, 'closing');
    expect((await first.request('/api/tokens/revoke', { body: { userId: '42' } })).status).toBe(200);
    expect(await closing).toMatchObject({ code: 'TOKEN_REVOKED' });
    expect((await first.request('/readyz')).status).toBe(200);
    expect(await redis.run('ACL', 'LOG')).toEqual([]);
  });
});
