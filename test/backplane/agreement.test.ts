import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/settings-schema.ts';
import { type BuiltServer, startBuiltServer } from '../hardening/built-server.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { startRedis } from '../support/redis.ts';
import { startServer } from '../support/start-server.ts';

const differencesOf = ({ cli }: BuiltServer) =>
  cli.stdout.split('\n').filter((line) => line.includes('"cluster.differs"'));

describe.skipIf(isToolMissing('redis-server'))('a node of a cluster', () => {
  test('warns once of others that have other limits or keys, without saying what these are', async () => {
    const { url } = await startRedis();
    const start = (settings: Settings) => startBuiltServer({ redis: { url }, ...settings });
    const first = await start({});
    const same = await start({});
    const secret = 'another-secret-for-tests-that-is-long-enough';
    const odd = await start({ limits: { connectionsPerUser: 5 }, auth: { secret } });
    const warnings = await Promise.all(
      [first, same, odd].map(async ({ cli }) => JSON.parse(await cli.waitForLine('"cluster.differs"'))),
    );
    const fingerprint = expect.stringMatching(/^[0-9a-f]{4}$/);
    const auth = { here: fingerprint, there: fingerprint };
    const fromHere = { 'limits.connectionsPerUser': { here: 3, there: 5 }, auth };
    const fromThere = { 'limits.connectionsPerUser': { here: 5, there: 3 }, auth };
    expect(warnings.map(({ differs }) => differs)).toEqual([fromHere, fromHere, fromThere]);
    // Both others answer, in the same way.
    expect(differencesOf(odd)).toHaveLength(1);
    for (const { cli } of [first, same, odd]) expect(cli.stdout).not.toContain('secret-for-tests');
  });

  test('has a name of its own, also where host and process are called the same', async () => {
    const redis = { url: (await startRedis()).url };
    const nameOf = async () => {
      const { server, request } = await startServer({ redis });
      const { node } = (await (await request('/api/stats')).json()) as { node: string };
      await server.close();
      return node;
    };
    const names = [await nameOf(), await nameOf()];
    expect(new Set(names)).toHaveLength(2);
    for (const name of names) expect(name).toMatch(new RegExp(`:${process.pid}:[0-9a-f]{6}$`));
  });
});
