import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attemptConnection, connectClient, expectRefusal } from '../support/connect.ts';
import { expectNoEvent } from '../support/next-event.ts';
import { runCli, startCli, startCliServer, tempFolder } from '../support/run-cli.ts';
import { until } from '../support/until.ts';

/** The built command line in a folder that was empty before `rtserver start`. */
async function startInEmptyFolder() {
  const cwd = tempFolder();
  const { cli, url } = await startCliServer([], { cwd });
  const mint = async (...flags: string[]) => {
    const { code, stdout, stderr } = await runCli(['token', ...flags], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  };
  return { cwd, cli, url, mint };
}

test('without any configuration an event travels from emit to the join of its user, and to nobody else', async () => {
  const { cwd, cli, url, mint } = await startInEmptyFolder();
  const event = { event: 'protocol:updated', payload: { protocolId: '7', version: 3 } };
  writeFileSync(join(cwd, 'event.json'), JSON.stringify(event));

  const other = await connectClient(url, { token: await mint('--user', '43') });
  expect(await other.emitWithAck('protocol:join', { protocolId: 7 })).toMatchObject({ ok: true });
  const joined = startCli(['join', 'protocol:7', '--user', '42', '--count', '1', '--json'], { cwd });
  const authorization = `Bearer ${await mint('--user', 'ops', '--admin')}`;
  await until(
    async () => {
      const answer = await fetch(`${url}/api/sockets?user=42&room=protocol:7`, { headers: { authorization } });
      return ((await answer.json()) as { items: unknown[] }).items.length === 1;
    },
    { what: 'the join of user 42' },
  );

  const emitted = await runCli(['emit', '--user', '42', 'event.json', '--json'], { cwd });
  expect(emitted).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(emitted.stdout)).toMatchObject({ ok: true, recipients: 1 });
  expect(await joined.exit, joined.describe()).toEqual({ code: 0, signal: null });
  const printed = joined.stdout.trim().split('\n');
  expect(printed.map((line) => JSON.parse(line))).toEqual([expect.objectContaining(event)]);
  await expectNoEvent(other, event.event);
  expect(await cli.stop('SIGINT')).toMatchObject({ signal: null });
});

test('a stock client connects with a minted token, and the 4th connection of its user is refused', async () => {
  const { url, mint } = await startInEmptyFolder();
  const token = await mint('--user', '42');
  for (const _ of [1, 2, 3]) {
    const socket = await connectClient(url, { token });
    expect(socket.ready).toMatchObject({ userId: '42', connectionsPerUser: 3, socketId: socket.id });
  }
  const refusal = await expectRefusal(url, { token });
  expect(refusal.message).toBe('Max connections exceeded');
  expect(refusal.data).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED', retry: false, limit: 3, current: 3 });
});

test('of 100 connections of one user at once exactly 3 are let in', async () => {
  const { url, mint } = await startInEmptyFolder();
  const token = await mint('--user', '42');
  const attempts = await Promise.all(Array.from({ length: 100 }, () => attemptConnection(url, { token })));
  const refusals = attempts.flatMap((attempt) => ('refusal' in attempt ? [attempt.refusal.message] : []));
  expect(refusals).toEqual(Array.from({ length: 97 }, () => 'Max connections exceeded'));
});
