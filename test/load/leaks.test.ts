import { expect, test } from 'vitest';
import { createAdminClient } from '../../src/client/admin.ts';
import { judgeLeaks } from '../../src/load/leaks.ts';
import { ServerWatch } from '../../src/load/server-watch.ts';
import { SocketRoll } from '../../src/load/socket-roll.ts';
import { makeToken, type TokenMaker } from '../../src/load/tokens.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';
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
  const judge = (sockets: SocketRoll | undefined) => judgeLeaks(watch, { sockets, settleMs: 0 });
  const roll = new SocketRoll(watch.admin);
  roll.add(['another']);
  expect(await judge(roll)).toEqual({ status: 'none', scope: 'run', findings: [] });
  roll.add([id]);
  expect(await judge(roll)).toEqual({
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
  const { status, findings } = await judgeLeaks(watch, { sockets: new SocketRoll(watch.admin), settleMs: 0 });
  expect([status, findings.at(-1)]).toEqual([
    'leaked',
    'of this run or of others: the server does not list its sockets',
  ]);
  watch.close();
});

test('of the sockets of a long run, those are forgotten that the server has no more, and none that it has', async () => {
  const { watch, connect } = await watchOf(await startServer());
  const roll = new SocketRoll(watch.admin, 10);
  const stuck = await connect('somebody');
  roll.add([stuck]);
  for (let n = 0; n < 100; n += 1) roll.add([`gone-${n}`]);
  await until(() => roll.size < 100, { what: 'it has asked' });
  // Those that came while it asked are for the next time.
  roll.add(['gone-100']);
  await until(() => roll.size <= 11, { what: 'it has asked again' });
  expect(await roll.findLeft()).toEqual([stuck]);
  watch.close();
});

test('a server that does not list its sockets does not make a long run remember all of them', async () => {
  const { watch } = await watchOf(await startFlawedServer(undefined));
  const roll = new SocketRoll(watch.admin, 10);
  for (let n = 0; n < 200; n += 1) {
    roll.add([`socket-${n}`]);
    if (roll.size > 10) await until(() => roll.size <= 10, { what: 'the oldest are forgotten' });
  }
  watch.close();
});
