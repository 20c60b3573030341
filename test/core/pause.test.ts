import jwt from 'jsonwebtoken';
import { expect, onTestFinished, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { nextEvent, roundTrip, takeEvents } from '../support/next-event.ts';
import { startCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';

const DIST = new URL('../../dist/index.js', import.meta.url).href;
const SECRET = 'a-secret-for-tests-that-is-long-enough';
const TIMEOUT_MS = 1_000;

test.each([
  ['ping', 'websocket'],
  ['ping', 'polling'],
  ['any', 'websocket'],
  ['any', 'polling'],
])('a pause of the whole process ends nobody who beats, source "%s", over %s', async (source, transport) => {
  const options = {
    port: 0,
    auth: { secret: SECRET },
    heartbeat: { timeout: TIMEOUT_MS, source },
    limits: { connectionsPerUser: 100, eventsPerSecond: 1_000 },
  };
  const code = `import { createRealtimeServer } from '${DIST}'; await createRealtimeServer(${JSON.stringify(options)});`;
  const server = startCli([], { nodeArgs: ['--input-type=module', '--eval', code] });
  const { url } = JSON.parse(await server.waitForLine('"server.listening"')) as { url: string };

  const connect = (userId: string) =>
    connectClient(url, { token: jwt.sign({ sub: userId }, SECRET), transports: [transport] });
  const beating = await Promise.all(Array.from({ length: 20 }, () => connect('beating')));
  const beats = setInterval(() => {
    for (const socket of beating) socket.emit('ping', {});
  }, 100);
  onTestFinished(() => clearInterval(beats));

  for (let round = 0; round < 2; round += 1) {
    server.kill('SIGSTOP');
    const stoppedAt = performance.now();
    await until(() => performance.now() - stoppedAt > 2 * TIMEOUT_MS, { what: 'a long pause' });
    server.kill('SIGCONT');
    await Promise.all(beating.map((socket) => roundTrip(socket)));
  }
  // A silent one is still found out: the sweep goes on.
  const silent = await connect('silent');
  if (source === 'ping') expect(await nextEvent(silent, 'closing')).toMatchObject({ code: 'HEARTBEAT_TIMEOUT' });
  for (const socket of beating) {
    expect(socket.connected).toBe(true);
    expect(takeEvents(socket, 'closing')).toEqual([]);
  }
});
