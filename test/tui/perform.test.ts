import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createAdminClient } from '../../src/client/admin.ts';
import type { TopEvent } from '../../src/tui/model.ts';
import { createPerform } from '../../src/tui/perform.ts';
import type { Effect } from '../../src/tui/state.ts';

/** A server that answers each request the same. */
async function startAnswering(answer: object): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const KICK: Effect = { type: 'kick', whom: { userId: 'ann' } };
const EMIT: Effect = { type: 'emit', request: { event: 'news', to: 'all' } };

test.for([
  [KICK, { closed: 1 }, 'closed 1 connection', 'good'],
  [KICK, { closed: 0 }, 'nobody was there any more', 'warn'],
  [KICK, { closed: 1, missingNodes: 2 }, 'closed 1 connection; 2 nodes did not answer', 'warn'],
  [KICK, { closed: 0, missingNodes: 1 }, 'closed 0 connections; 1 node did not answer', 'warn'],
  [KICK, { closed: 0, missingNodes: null }, 'closed 0 connections; cut off from the other nodes', 'warn'],
  [EMIT, { recipients: 3 }, 'news reached 3', 'good'],
  [EMIT, { recipients: 0 }, 'news reached 0', 'warn'],
  [EMIT, { recipients: 3, missingNodes: 1 }, 'news reached 3; 1 node did not answer', 'warn'],
  [EMIT, { recipients: 3, missingNodes: null }, 'news reached 3; cut off from the other nodes', 'warn'],
] as const)('%o that is answered by %o is said to have "%s"', async ([effect, answer, text, tone]) => {
  const admin = createAdminClient({ url: await startAnswering({ ok: true, ...answer }), token: 'a.b.c' });
  const perform = createPerform(admin, { send() {}, redraw() {}, suspend() {} }, () => {});
  expect(await new Promise<TopEvent>((resolve) => perform(effect, resolve))).toEqual({ type: 'notice', text, tone });
});
