import { describe, expect, test } from 'vitest';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { startRedis } from '../support/redis.ts';
import { startTwoNodes } from '../support/start-nodes.ts';
import { until } from '../support/until.ts';
import { connectEach, readMetric, untilAlone } from './traffic.ts';

/** Published by somebody who is no node. */
const STRAY: readonly [channel: string, message: string | Buffer][] = [
  ['rtserver@0#/#', ''],
  ['rtserver@0#/#', 'x'.repeat(32)],
  ['rtserver@0#/#', Buffer.concat([Buffer.from('y'.repeat(18)), Buffer.from([0x93, 0xc0, 0xc0, 0xc0])])],
  ['rtserver@0:bus', 'null'],
  ['rtserver@0:bus', 'no JSON'],
  ['rtserver@0:bus', '{"id":1,"from":"z","topic":"state-changed","question":null}'],
  ['rtserver@0-request#/#', Buffer.from([0xc0])],
  ['rtserver@0-request#/#', '{"type":2}'],
  ['rtserver@0-response#/#', 'null'],
  ['rtserver@0-response#/#', Buffer.from([0xc0])],
];

describe.skipIf(isToolMissing('redis-server'))('two nodes on one Redis', () => {
  test('outlive whatever somebody else publishes on their channels, and count what may have been an event', async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis);
    const [, there] = await connectEach(nodes);
    for (const [channel, message] of STRAY) {
      expect(await redis.run('PUBLISH', channel, message as string), channel).toBe(2);
    }
    const emitted = await nodes[0].request('/api/emit', { body: { event: 'note', payload: 1 } });
    expect(await emitted.json()).toEqual({ ok: true, recipients: 2 });
    expect(await nextEvent(there, 'note')).toBe(1);
    for (const node of nodes) {
      expect(await readMetric(node, 'rtserver_events_missed_total')).toBe(2);
      expect(node.cli.hasExited).toBe(false);
    }
  });

  test('say that they do not know who is missing while they cannot hear an answer', async () => {
    const redis = await startRedis();
    const nodes = await startTwoNodes(redis);
    await connectEach(nodes);
    await redis.run('ACL', 'SETUSER', 'default', '-subscribe', '-psubscribe');
    await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await untilAlone(nodes[0], /NOPERM/);
    const emitted = await nodes[0].request('/api/emit', { body: { event: 'note', payload: 1 } });
    expect(await emitted.json()).toEqual({ ok: true, recipients: 1, missingNodes: null });
    await redis.run('ACL', 'SETUSER', 'default', '+subscribe', '+psubscribe');
    await until(async () => {
      const again = await nodes[0].request('/api/emit', { body: { event: 'note', payload: 2 } });
      return ((await again.json()) as { recipients: number }).recipients === 2;
    });
  });
});
