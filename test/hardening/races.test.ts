import { expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { DROP_STEPS, dropAt } from '../support/peers/dropping.ts';
import { expectNoTrouble, untilEmpty } from './aftermath.ts';
import { type BuiltServer, readStats, startBuiltServer } from './built-server.ts';

const ROUNDS = 10;
const RACERS = 100;
const DROPPERS = 60;
const LIMIT = 3;
const timeoutMs = 20_000;

async function sessionOf({ request }: BuiltServer, userId: string): Promise<string> {
  const answer = await request('/api/sessions', { body: { userId, ttlSeconds: 3_600 } });
  return ((await answer.json()) as { token: string }).token;
}

/** Opens all transports first, so that the CONNECT packets leave in one breath. */
async function race(wires: readonly Wire[], token: string): Promise<{ admitted: number; codes: Set<unknown> }> {
  const answers = await Promise.all(wires.map((wire) => wire.connect({ auth: { token }, timeoutMs })));
  const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.code]));
  return { admitted: answers.length - refused.length, codes: new Set(refused) };
}

const openWires = ({ url }: BuiltServer, count: number) =>
  Promise.all(Array.from({ length: count }, () => openWire(url, { timeoutMs, record: 0 })));

const KINDS: readonly [kind: string, credential: (server: BuiltServer, userId: string) => Promise<string> | string][] =
  [
    ['a JWT', ({ token }, userId) => token(userId)],
    ['a session', sessionOf],
  ];

test.each(KINDS)(
  '100 connections of one user at once with %s are the limit exactly, while 60 others drop, in each of 10 rounds',
  async (_kind, credential) => {
    const server = await startBuiltServer({ limits: { connectionsPerUser: LIMIT } });
    for (let round = 0; round < ROUNDS; round += 1) {
      const mine = await credential(server, 'racer');
      // Every other round undisturbed. The same user in some, other users in the rest.
      const disturbed = round % 2 === 1;
      const auth = { token: server.token(round % 4 === 1 ? 'dropper' : 'other-dropper') };
      const wires = await openWires(server, RACERS);
      const dropping = Array.from({ length: disturbed ? DROPPERS : 0 }, (_, place) =>
        dropAt(server.url, DROP_STEPS[place % DROP_STEPS.length] ?? 'after ready', {
          ...{ auth, timeoutMs },
          reset: place % 2 === 0,
        }),
      );
      const { admitted, codes } = await race(wires, mine);
      expect(admitted, `round ${round}`).toBe(LIMIT);
      expect([...codes]).toEqual(['MAX_CONNECTIONS_EXCEEDED']);
      await Promise.all(dropping);
      for (const wire of wires) wire.drop();
      await untilEmpty(server);
    }
    expectNoTrouble(server);
  },
);

test('60 connections of the user that vanish right after CONNECT cost the racers no slot for good', async () => {
  const server = await startBuiltServer({ limits: { connectionsPerUser: LIMIT } });
  const auth = { token: server.token('racer') };
  for (let round = 0; round < ROUNDS; round += 1) {
    const wires = await openWires(server, RACERS - DROPPERS);
    const dropping = Array.from({ length: DROPPERS }, () =>
      dropAt(server.url, 'after CONNECT is written', { auth, timeoutMs }),
    );
    const { admitted } = await race(wires, auth.token);
    expect(admitted).toBeLessThanOrEqual(LIMIT);
    await Promise.all(dropping);
    for (const wire of wires) wire.drop();
    await untilEmpty(server);
    const fresh = await openWires(server, LIMIT + 1);
    expect((await race(fresh, auth.token)).admitted).toBe(LIMIT);
    expect((await readStats(server)).slots).toBe(LIMIT);
    for (const wire of fresh) wire.drop();
    await untilEmpty(server);
  }
  expectNoTrouble(server);
});

test('limits.connections is exact in a race of 100 users, and a place that is given back can be taken', async () => {
  const server = await startBuiltServer({ limits: { connections: 10 } });
  for (let round = 0; round < 3; round += 1) {
    const wires = await openWires(server, RACERS);
    const answers = await Promise.all(
      wires.map((wire, place) => wire.connect({ auth: { token: server.token(`user-${place}`) }, timeoutMs })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
    const codes = answers.flatMap((answer) => (answer.ok ? [] : [answer.code]));
    expect([...new Set(codes)]).toEqual(['SERVER_AT_CAPACITY']);
    for (const wire of wires) wire.drop();
    await untilEmpty(server);
  }
  expectNoTrouble(server);
});
