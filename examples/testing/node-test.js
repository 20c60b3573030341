import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestServer, nextEvent } from 'rtserver/testing';

test('a user gets what is emitted to that user, and nobody else does', async (t) => {
  const { connectAs, server } = await createTestServer({ closeAfter: (close) => t.after(close) });
  const alice = await connectAs('alice');
  const bob = await connectAs('bob');
  const result = server.emitter.emit('greeting', { text: 'hello' }, { users: ['alice'] });
  assert.deepEqual(result, { ok: true, recipients: 1 });
  assert.deepEqual(await nextEvent(alice, 'greeting', { timeoutMs: 2_000 }), { text: 'hello' });
  await assert.rejects(nextEvent(bob, 'greeting', { timeoutMs: 200 }), /within 200 ms; came instead: ready/);
});

test('the fourth connection of one user is refused', async (t) => {
  const { connectAs } = await createTestServer({ closeAfter: (close) => t.after(close) });
  for (let n = 0; n < 3; n++) await connectAs('alice');
  await assert.rejects(connectAs('alice'), { code: 'MAX_CONNECTIONS_EXCEEDED' });
});
