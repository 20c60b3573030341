import { expect, test } from 'vitest';
import { createAdminClient } from '../../src/client/admin.ts';
import { judgeLeaks } from '../../src/load/leaks.ts';
import { ServerWatch } from '../../src/load/server-watch.ts';
import { makeToken, type TokenMaker } from '../../src/load/tokens.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { startServer } from '../support/start-server.ts';
import { startFlawedServer } from './flawed-server.ts';

async function watchOf({ url, secret }: { url: string; secret: string }) {
  const tokens: TokenMaker = { kind: 'secret', secret, algorithm: 'HS256' };
  const token = () => makeToken(tokens, 'test', { claims: { scope: 'admin' } }) ?? '';
  const watch = await ServerWatch.open(createAdminClient({ url, token }));
  async function connect(user: string): Promise<string> {
    const wire = await openWire(url);
    await wire.connect({ auth: { token: makeToken(tokens, user) } });
    return wire.socketId ?? '';
  }
  return { watch, connect };
}

test('on a server that others use, only the sockets of the run are judged', async () => {
  const { watch, connect } = await watchOf(await startServer());
  const id = await connect('somebody');
  const judge = (sockets: ReadonlySet<string> | undefined) => judgeLeaks(watch, { sockets, settleMs: 0 });
  expect(await judge(new Set(['another']))).toEqual({ status: 'none', scope: 'run', findings: [] });
  expect(await judge(new Set(['another', id]))).toEqual({
    status: 'leaked',
    scope: 'run',
    findings: [`1 socket of the run left (${id})`],
  });
  expect(await judge(undefined)).toMatchObject({ status: 'leaked', scope: 'server' });
  watch.close();
});

test('a server that does not list its sockets is judged by its totals, and the verdict says so', async () => {
  const { watch, connect } = await watchOf(await startFlawedServer(undefined));
  await connect('somebody');
  const { status, findings } = await judgeLeaks(watch, { sockets: new Set(), settleMs: 0 });
  expect([status, findings.at(-1)]).toEqual([
    'leaked',
    'of this run or of others: the server does not list its sockets',
  ]);
  watch.close();
});
