import { describe, expect, test } from 'vitest';
import { numbers } from '../support/crowd.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { connectRaw } from '../support/raw-texts.ts';
import { startRedis } from '../support/redis.ts';
import { startTwoNodes } from '../support/start-nodes.ts';
import { until } from '../support/until.ts';

const COUNT = 300;

describe.skipIf(isToolMissing('redis-server'))('where Redis decides on the receivers', () => {
  test('clients of both nodes get the events of either in order, once, and none is missing', async () => {
    const nodes = await startTwoNodes(await startRedis());
    const clients = await Promise.all(nodes.map(({ url, token }, node) => connectRaw(url, token(`user-${node}`))));
    const answers = await Promise.all(
      nodes.flatMap(({ request }, node) =>
        [0, 1, 2].map((part) => {
          const body = numbers(COUNT).map((number) => ({ event: 'news', payload: [node, part, number] }));
          return request('/api/emit', { body });
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    for (const client of clients) {
      await until(() => client.texts.length >= 6 * COUNT, { what: 'all events' });
      const came = client.texts.map((text) => JSON.parse(text.slice(1))[1] as [number, number, number]);
      for (const [node, part] of [0, 1].flatMap((each) => [0, 1, 2].map((other) => [each, other]))) {
        const own = came.filter(([ofNode, ofPart]) => ofNode === node && ofPart === part).map(([, , number]) => number);
        expect(own).toEqual(numbers(COUNT));
      }
    }
  });
});
