import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defineModule } from '../../src/index.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectClient } from '../support/connect.ts';
import { duplicateConnectPeer } from '../support/peers/duplicate-connect.ts';
import { createFrame } from '../support/peers/frames.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

/** Counts the connections of this process, and the most that there were at once. */
function createCounter() {
  const counter = { now: 0, most: 0 };
  const module = defineModule({
    name: 'counter',
    onConnect() {
      counter.now += 1;
      counter.most = Math.max(counter.most, counter.now);
    },
    onDisconnect() {
      counter.now -= 1;
    },
  });
  return { counter, module };
}

async function open(url: string, auth: object) {
  const peer = await duplicateConnectPeer(url, { auth });
  onTestFinished(() => peer.wire.drop());
  return peer;
}

const CHECKS = {
  'a JWT': undefined,
  'an async check': async () => {
    await turn();
    return { userId: '42' };
  },
  'an async check that answers at once': async () => ({ userId: '42' }),
} as const;

describe.each(Object.entries(CHECKS))('CONNECT sent several times in one breath, with %s', (_name, authenticate) => {
  const options = authenticate === undefined ? {} : { authenticate };

  test('lets the user in once at most, and ends the transport', async () => {
    const { counter, module } = createCounter();
    const { url, token } = await startServer({ ...options, modules: [module] });
    const peer = await open(url, { token: token('42') });
    expect(await peer.wire.untilClosed()).toMatchObject({ by: 'server' });
    expect(peer.admissions).toBeLessThanOrEqual(1);
    expect(counter.most).toBeLessThanOrEqual(1);
    await until(() => counter.now === 0, { what: 'its end' });
  });

  test('once more, later, ends the transport, which is no loss of the network', async () => {
    const { url, token, logs } = await startServer(options);
    const auth = { token: token('42') };
    const wire = await openWire(url);
    onTestFinished(() => wire.drop());
    await wire.connect({ auth });
    wire.sendText(`40${JSON.stringify(auth)}`);
    expect(await wire.untilClosed()).toMatchObject({ by: 'server' });
    expect(await logs.next('connection.closed')).toMatchObject({ code: 'SERVER_CLOSED' });
  });

  test('does not get a user past the limit', async () => {
    const { counter, module } = createCounter();
    const { url, token, logs } = await startServer({ ...options, modules: [module] });
    const wires = await Promise.all(Array.from({ length: 12 }, () => openWire(url)));
    onTestFinished(() => {
      for (const wire of wires) wire.drop();
    });
    const connect = createFrame(`40${JSON.stringify({ token: token('42') })}`);
    // In one segment, so that the server reads both before anything else.
    for (const wire of wires) wire.writeBytes(Buffer.concat([connect, connect]));
    await until(() => logs.of('connection.refused').length >= wires.length, { what: 'a refusal for each' });
    expect(counter.most).toBeLessThanOrEqual(3);
  });

  test('leaks no slot', async () => {
    const { url, token, request } = await startServer(options);
    const peers = await Promise.all(Array.from({ length: 6 }, () => open(url, { token: token('42') })));
    await Promise.all(peers.map(({ wire }) => wire.untilClosed()));
    const slots = async () => ((await (await request('/api/stats')).json()) as { slots: number }).slots;
    await until(async () => (await slots()) === 0, { what: 'all slots free' });
    for (let count = 0; count < 3; count += 1) await connectClient(url, { token: token('42') });
    expect(await slots()).toBe(3);
  });
});
