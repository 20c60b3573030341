import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvents } from '../../src/index.ts';
import { connectClient } from '../support/connect.ts';
import { isToolMissing, requireTool } from '../support/external-tool.ts';
import { cleanEnv } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const page = readFileSync(new URL('../../docs/http-api.md', import.meta.url), 'utf8');
const run = promisify(execFile);
const example = (name: string) => new URL(`../../examples/http/${name}`, import.meta.url).pathname;

/** A server with user 42 in protocol 7, who acknowledges, and the environment that the examples ask for. */
async function standUp() {
  const events = defineEvents({ 'protocol:updated': z.object({ protocolId: z.string(), version: z.number() }) });
  const { url, token, adminToken } = await startServer({ events });
  const client = await connectClient(url, { token: token('42') });
  client.on('protocol:updated', (_payload: unknown, acknowledge?: (value: unknown) => void) => acknowledge?.(true));
  await client.emitWithAck('protocol:join', { protocolId: '7' });
  const env = { ...cleanEnv(), RTSERVER_URL: url, RTSERVER_TOKEN: adminToken, SOCKET_ID: client.id ?? '' };
  return { client, env };
}

describe.skipIf(isToolMissing('curl'))('the curl examples of the page', () => {
  const curls = [...page.matchAll(/```sh\n(?<command>curl [^`]*)\n```/g)].map(
    (match) => match.groups?.['command'] ?? '',
  );

  test('are there for every route', () => {
    expect(curls.length).toBeGreaterThanOrEqual([...page.matchAll(/^### /gm)].length);
  });

  test.each(curls)('%s', async (command) => {
    const { env } = await standUp();
    const { stdout } = await run('bash', ['-euc', command], { env });
    if (command.includes('/metrics')) expect(stdout).toContain('rtserver_connections 1');
    else if (command.includes('"ack"')) expect(JSON.parse(stdout)).toMatchObject({ ok: true, recipients: 1 });
    else JSON.parse(stdout);
  });
});

const PROGRAMS = [
  { name: 'Python', tool: 'python3', args: [example('emit.py')], isSkipped: isToolMissing('python3') },
  { name: 'Go', tool: 'go', args: ['run', example('emit.go')], isSkipped: isToolMissing('go') },
] as const;

describe.each(PROGRAMS)('the example in $name', ({ tool, args, isSkipped }) => {
  const play = async (change: Record<string, string> = {}) => {
    const { env } = await standUp();
    const more = { GOCACHE: tempFolder(), GOFLAGS: '-mod=mod', GO111MODULE: 'off', ...change };
    return run(requireTool(tool), args, { env: { ...env, ...more } });
  };

  test.skipIf(isSkipped)('emits and prints who has it', { timeout: 180_000 }, async () => {
    expect((await play()).stdout).toBe('recipients: 1\n42 has it\n');
  });

  test.skipIf(isSkipped)('says why it is refused', { timeout: 180_000 }, async () => {
    const failure = await play({ RTSERVER_TOKEN: 'a.b.c' }).catch((error: { code: number; stderr: string }) => error);
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringMatching(/TOKEN_INVALID: .+ \(.+\)/) });
  });
});
