import { expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { startServer } from '../support/start-server.ts';

type Started = Awaited<ReturnType<typeof startServer>>;

async function addressesOf({ request }: Started, path: string): Promise<string[]> {
  const { items } = (await (await request(path)).json()) as { items: { address: string }[] };
  return items.map(({ address }) => address);
}

/** One client that is let in, one without a token, one of a foreign origin; resolves to where each is said to come from. */
async function visit(started: Started, forwarded: string) {
  const { url, token } = started;
  const headers = { 'x-forwarded-for': forwarded };
  const wire = await openWire(url, { headers });
  expect(await wire.connect({ auth: { token: token('42') } })).toMatchObject({ ok: true });
  const refused = await openWire(url, { headers });
  expect(await refused.connect()).toMatchObject({ ok: false, code: 'UNAUTHENTICATED' });
  await expect(openWire(url, { headers, origin: 'https://evil.example' })).rejects.toMatchObject({ status: 403 });
  const sockets = await addressesOf(started, '/api/sockets');
  const refusals = await addressesOf(started, '/api/refusals');
  const logged = started.logs.lines.flatMap(({ address }) => (typeof address === 'string' ? [address] : []));
  await wire.close();
  return { sockets, refusals, logged };
}

test.each(['203.0.113.7', '203.0.113.7, 198.51.100.1', '::1', 'evil"\\', 'unknown'])(
  'X-Forwarded-For: %s is not believed without trustProxy',
  async (forwarded) => {
    const { sockets, refusals, logged } = await visit(await startServer(), forwarded);
    expect(new Set([...sockets, ...refusals, ...logged])).toEqual(new Set(['127.0.0.1']));
    expect(refusals).toHaveLength(2);
  },
);

test('X-Forwarded-For of a trusted proxy is the address in lists, refusals and the log', async () => {
  const started = await startServer({ trustProxy: ['loopback'] });
  const { sockets, refusals, logged } = await visit(started, '203.0.113.7');
  expect(new Set([...sockets, ...refusals, ...logged])).toEqual(new Set(['203.0.113.7']));
});

test('only the last address before the trusted ones counts: a client cannot put another in front', async () => {
  const started = await startServer({ trustProxy: ['loopback', '10.0.0.0/8'] });
  const { sockets, refusals } = await visit(started, '1.2.3.4, 203.0.113.7, 10.1.2.3');
  expect(new Set([...sockets, ...refusals])).toEqual(new Set(['203.0.113.7']));
});

test('a proxy of another address is not believed', async () => {
  const started = await startServer({ trustProxy: ['10.0.0.0/8'] });
  expect((await visit(started, '203.0.113.7')).sockets).toEqual(['127.0.0.1']);
});

test('limits.connectsPerSecond counts by the forwarded address behind a proxy, and cannot be dodged without one', async () => {
  for (const trustProxy of [[], ['loopback']]) {
    const startedAt = performance.now();
    const started = await startServer({ trustProxy, limits: { connectsPerSecond: 1, connectionsPerUser: 50 } });
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, place) => {
        const wire = await openWire(started.url, { headers: { 'x-forwarded-for': `203.0.113.${place}` } });
        return wire.connect({ auth: { token: started.token('42') } });
      }),
    );
    const admitted = answers.filter(({ ok }) => ok).length;
    if (trustProxy.length > 0) expect(admitted).toBe(20);
    else expect(admitted).toBeLessThanOrEqual(3 + Math.ceil((performance.now() - startedAt) / 1_000));
    await started.server.close();
  }
});
