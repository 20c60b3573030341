import { describe, expect, onTestFinished, test } from 'vitest';
import { createFloodGuard } from '../../src/core/flood.ts';
import { connectClient } from '../support/connect.ts';
import { roundTrip } from '../support/next-event.ts';
import { floodingPeer } from '../support/peers/flooding.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

function createClocked(eventsPerSecond: number) {
  let at = 1_000;
  const guard = createFloodGuard(
    () => eventsPerSecond,
    () => at,
  );
  const state = guard.create();
  return {
    pass: (ms: number) => {
      at += ms;
    },
    send: (count: number) => Array.from({ length: count }, () => guard.admit(state)),
  };
}

const verdicts = (pass: number, refuse: number) => [...Array(pass).fill('pass'), ...Array(refuse).fill('refuse')];

describe('the limit', () => {
  test('lets a burst of twice the limit through, then the limit each second', () => {
    const { pass, send } = createClocked(10);
    expect(send(25)).toEqual(verdicts(20, 5));
    pass(1_000);
    expect(send(12)).toEqual(verdicts(10, 2));
    pass(60_000);
    expect(send(22)).toEqual(verdicts(20, 2));
  });

  test('closes a socket that goes on for 5 s, not before', () => {
    const { pass, send } = createClocked(10);
    send(20);
    for (let ms = 0; ms < 5_000; ms += 100) {
      expect(send(5)).not.toContain('close');
      pass(100);
    }
    expect(send(2)).toContain('close');
  });

  test('forgives a socket that was calm for more than a second', () => {
    const { pass, send } = createClocked(10);
    for (let round = 0; round < 10; round += 1) {
      expect(send(25)).not.toContain('close');
      pass(1_500);
    }
  });
});

test('events over the limit are refused with RATE_LIMITED, on that socket only', async () => {
  const { url, token } = await startServer({ limits: { eventsPerSecond: 5 } });
  const socket = await connectClient(url, { token: token('42') });
  const neighbour = await connectClient(url, { token: token('43') });
  const answers = await Promise.all(Array.from({ length: 100 }, () => socket.emitWithAck('ping', {})));
  const refused = answers.filter(({ ok }) => !ok);
  expect(refused.length).toBeGreaterThan(50);
  expect(refused[0]).toEqual({ ok: false, error: { code: 'RATE_LIMITED', message: 'Too many events' } });
  expect(answers.slice(0, 10).every(({ ok }) => ok)).toBe(true);
  expect(await neighbour.emitWithAck('ping')).toMatchObject({ ok: true });
});

test('a socket that floods for 5 s is closed with RATE_LIMITED, and others are served meanwhile', async () => {
  const { url, token, logs } = await startServer({ limits: { eventsPerSecond: 20 } });
  const neighbour = await connectClient(url, { token: token('43') });
  const flooder = await floodingPeer(url, { auth: { token: token('42') }, burst: 2 });
  onTestFinished(() => flooder.wire.drop());
  const startedAt = performance.now();
  await until(
    async () => {
      await roundTrip(neighbour);
      return logs.of('connection.closed').length > 0;
    },
    { withinMs: 40_000, what: 'its end' },
  );
  expect(performance.now() - startedAt).toBeGreaterThan(4_000);
  expect(logs.of('connection.closed')).toMatchObject([{ code: 'RATE_LIMITED', userId: '42' }]);
  expect(neighbour.connected).toBe(true);
});
