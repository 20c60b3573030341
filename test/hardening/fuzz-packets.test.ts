import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { connectPeer } from '../support/peers/connected-peer.ts';
import { startServer } from '../support/start-server.ts';
import { untilEmpty } from './aftermath.ts';

const timeoutMs = 15_000;
/** On a slow machine fewer runs are made; the property must hold in each. */
const BOUNDS = { numRuns: 300, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false };

const hostileName = fc.constantFrom('__proto__', 'constructor', 'toString', 'disconnect', 'ping', 'room:join', 'error');
const json = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
  fc.integer({ min: 1, max: 5_000 }).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
  hostileName.map((name) => `{"${name}":{"${name}":1}}`),
  fc
    .record({ _placeholder: fc.constant(true), num: fc.oneof(fc.integer(), fc.string(), fc.double()) })
    .map((value) => JSON.stringify(value)),
);
const name = fc.oneof(hostileName, fc.string(), fc.integer().map(String)).map((text) => JSON.stringify(text));
const attachments = fc.oneof(fc.nat(9), fc.integer(), fc.string({ maxLength: 3 })).map((count) => `${count}-`);

/** A Socket.IO packet that has the parts of one, each of them right or wrong. */
const packet = fc
  .record({
    type: fc.oneof(fc.nat(9).map(String), fc.string({ maxLength: 2 })),
    attachments: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, attachments),
    namespace: fc.constantFrom('', '', '', '/,', '/admin,', '/nowhere,', '/', '/,,', '/__proto__,'),
    id: fc.oneof({ weight: 2, arbitrary: fc.constant('') }, fc.nat().map(String), fc.constant('9'.repeat(30))),
    data: fc.oneof(
      fc.tuple(name, json).map(([event, payload]) => `[${event},${payload}]`),
      json,
      fc.constant(''),
    ),
  })
  .map((parts) => `4${parts.type}${parts.attachments}${parts.namespace}${parts.id}${parts.data}`);

const VALID = [
  '421["ping"]',
  '42["room:join",{"room":"a"}]',
  '422["protocol:join",{"protocolId":7}]',
  '42["auth:refresh",{"token":"a.b.c"}]',
  '451-["ping",{"_placeholder":true,"num":0}]',
  '40{"token":"x"}',
  '41',
  '3',
];

/** A valid packet with one cut, put or turned character. */
const mutated = fc
  .tuple(fc.constantFrom(...VALID), fc.nat(60), fc.constantFrom('cut', 'put', 'turn'), fc.string({ maxLength: 1 }))
  .map(([valid, at, how, text]) => {
    const place = at % (valid.length + 1);
    return valid.slice(0, place) + (how === 'cut' ? '' : text) + valid.slice(place + (how === 'put' ? 0 : 1));
  });

const message = fc.oneof(
  { weight: 4, arbitrary: packet },
  { weight: 4, arbitrary: mutated },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 50 }) },
  { weight: 1, arbitrary: fc.string() },
);

test.each(['websocket', 'polling'] as const)(
  'whatever packets a client sends, a neighbour is answered and nothing is left behind, over %s',
  async (transport) => {
    // The neighbour asks once in each run: on a fast machine more often than one socket may by default.
    const started = await startServer({ limits: { eventsPerSecond: 100_000 } });
    const { url, token, adminToken, logs } = started;
    const neighbour = await connectPeer(url, { auth: { token: token('neighbour') } });
    // One who watches: then everything that comes in is also written down.
    await neighbour.wire.connect({ namespace: '/admin', auth: { token: adminToken } });
    neighbour.wire.sendText('42/admin,["watch",{"intervalMs":50}]');
    const property = fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (messages, isConnected) => {
        const wire = await openWire(url, { transport, timeoutMs });
        if (isConnected) await wire.connect({ auth: { token: token('fuzz') }, timeoutMs });
        for (const each of messages) {
          if (typeof each === 'string') wire.sendText(each);
          else wire.sendBinary(each);
        }
        await wire.flushed();
        expect(await neighbour.wire.emitWithAck('ping', undefined, { timeoutMs })).toMatchObject({ ok: true });
        wire.drop();
        await wire.closed;
      },
    );
    // A failure prints the seed and the packets to repeat it with.
    await fc.assert(property, BOUNDS);
    await neighbour.close();
    await untilEmpty(started);
    expect(logs.lines.filter(({ level, msg }) => level >= 50 || msg === 'handler.failed')).toEqual([]);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  },
);

test('whatever bytes come in place of a request, the server goes on', async () => {
  const { connect } = await import('node:net');
  const started = await startServer();
  const { hostname, port } = new URL(started.url);
  const line = fc.constantFrom(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n',
    'POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n',
    'GET //socket.io/?EIO=4 HTTP/1.1\r\n',
    'GET /socket.io/?EIO=4&transport=websocket&sid=%ff HTTP/1.1\r\n',
    'OPTIONS * HTTP/1.1\r\n',
    'CONNECT host:1 HTTP/1.1\r\n',
  );
  const header = fc.constantFrom(
    'Upgrade: websocket\r\nConnection: Upgrade\r\n',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
    'Sec-WebSocket-Version: 99\r\n',
    'Origin: http://[\r\n',
    'X-Correlation-Id: \xff\xfe\r\n',
    'X-Forwarded-For: ,,,\r\n',
    'Cookie: rtserver.sid=%zz; =; ;;\r\n',
    'Content-Length: 10\r\nTransfer-Encoding: chunked\r\n',
    'Host: a\r\n',
  );
  const head = fc
    .tuple(line, fc.array(header, { maxLength: 6 }))
    .map(([first, rest]) => `${first}${rest.join('')}\r\n`);
  const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  const property = fc.asyncProperty(
    fc.array(fc.oneof(head, garbage), { minLength: 1, maxLength: 4 }),
    async (parts) => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {}).resume();
      for (const part of parts) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
      const health = await fetch(new URL('/healthz', started.url));
      expect(health.status).toBe(200);
      await health.arrayBuffer();
      socket.destroy();
    },
  );
  await fc.assert(property, BOUNDS);
  await untilEmpty(started);
});
