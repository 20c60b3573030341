import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { createFrame } from '../support/peers/frames.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const CLOSE = 8;

/** What a load of reconnecting clients does by itself, now and then: the CONNECT and the end come in one read. */
test('a CONNECT that arrives together with the end of its connection takes no slot', async () => {
  const { server, url, token, request } = await startServer();
  for (let round = 0; round < 20; round += 1) {
    const auth = JSON.stringify({ token: token(`user-${round % 5}`) });
    const wires = await Promise.all(Array.from({ length: 5 }, () => openWire(url)));
    for (const wire of wires) {
      wire.writeBytes(Buffer.concat([createFrame(`40${auth}`), createFrame('', { opcode: CLOSE })]));
    }
    await Promise.all(wires.map((wire) => wire.untilClosed()));
  }
  await until(() => server.io.engine.clientsCount === 0);
  const stats = (await (await request('/api/stats')).json()) as { slots: number };
  expect(stats).toMatchObject({ connections: 0, slots: 0 });
});

test('a polling CONNECT that arrives together with a close takes no slot', async () => {
  const { server, url, token, request } = await startServer();
  const base = `${url}/socket.io/?EIO=4&transport=polling`;
  for (let round = 0; round < 10; round += 1) {
    const opened = await (await fetch(base)).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const body = `40${JSON.stringify({ token: token('42') })}\x1e1`;
    await fetch(`${base}&sid=${sid}`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
  }
  await until(() => server.io.engine.clientsCount === 0);
  expect(await (await request('/api/stats')).json()).toMatchObject({ connections: 0, slots: 0 });
});

test('a client that leaves while it is verified is not kept', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  let claims: WeakRef<object> | undefined;
  let verify = () => {};
  const { server, url } = await startServer({
    authenticate: async () => {
      await new Promise<void>((resolve) => {
        verify = resolve;
      });
      const found = {};
      claims = new WeakRef(found);
      return { userId: '42', claims: found };
    },
  });
  const idle = verify;
  const wire = await openWire(url);
  wire.sendText('40');
  await until(() => verify !== idle, { what: 'the client is being verified' });
  wire.drop();
  await until(() => server.io.engine.clientsCount === 0, { what: 'the client is gone' });
  verify();
  await until(() => claims !== undefined, { what: 'the client is verified' });
  await until(
    () => {
      collect();
      return claims?.deref() === undefined;
    },
    { what: 'what is known of the client is garbage' },
  );
});
