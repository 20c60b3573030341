import fc from 'fast-check';
import { Decoder, type Packet } from 'socket.io-parser';
import { expect, test } from 'vitest';
import { readEvent } from '../../src/core/intake.ts';
import { defineModule } from '../../src/index.ts';
import { startCrowd } from '../support/crowd.ts';
import { connectRaw } from '../support/raw-texts.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

const HANDLED = ['ping', 'room:join', 'a\\b', 'tab\t', 'ä', ''];
const handles = (event: string) => HANDLED.includes(event);

/** What Socket.IO's own decoder makes of a text; `undefined` where it refuses it, or waits for more. */
function decode(text: string): Packet | undefined {
  const decoder = new Decoder();
  let decoded: Packet | undefined;
  decoder.on('decoded', (packet) => {
    decoded = packet;
  });
  try {
    decoder.add(text);
  } catch {
    return undefined;
  }
  return decoded;
}

const name = fc.oneof(
  fc.constantFrom(...HANDLED).map((each) => JSON.stringify(each)),
  fc.constantFrom(
    '"pi\\u006eg"',
    '"a\\b"',
    '"ping',
    'ping"',
    '"a\\\\b"',
    '"tab\t"',
    '"__proto__"',
    '"disconnect"',
    '7',
  ),
  fc.string().map((each) => JSON.stringify(each)),
);
const rest = fc.oneof(
  fc.constantFrom(
    '',
    ']',
    ',]',
    ',{}]',
    ' ]',
    '] ',
    ']]',
    ',null]',
    ',{"__proto__":{"a":1}}]',
    ',1e999]',
    ',"\ud800"]',
    '],',
  ),
  fc.array(fc.json({ maxDepth: 3 }), { maxLength: 3 }).map((values) => `${values.map((each) => `,${each}`).join('')}]`),
);
const id = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom('', '007', '-1', '1.5', ' 1', '1 ', '9'.repeat(15), '9'.repeat(16), '9'.repeat(400), '\u0661', '1e3'),
);
const text = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom('2', '2', '2', '2', '5', '52-', '3', '1', '0', '4', ''),
        fc.constantFrom('', '', '', '/,', '/admin,'),
        id,
        name,
        rest,
      )
      .map(([type, namespace, number, event, end]) => `${type}${namespace}${number}[${event}${end}`),
  },
  { weight: 1, arbitrary: fc.string() },
);

test('an event is read as the decoder of Socket.IO reads it, or left to it', () => {
  let taken = 0;
  fc.assert(
    fc.property(text, (each) => {
      const event = readEvent(each, handles);
      if (event === undefined) return;
      taken += 1;
      expect(event).toEqual(decode(each));
      expect(handles(event.data[0])).toBe(true);
    }),
    { numRuns: 5_000 },
  );
  expect(taken).toBeGreaterThan(50);
});

const shop = defineModule({
  name: 'shop',
  handlers: {
    'shop:buy': (payload) => ({ payload, list: [1, { two: 2 }], none: undefined }),
    'shop:bytes': () => ({ bytes: Buffer.alloc(3) }),
    'shop:circle': () => {
      const circle: Record<string, unknown> = {};
      circle['of'] = circle;
      return circle;
    },
  },
});

/** What handlers may answer with, in JavaScript at least. */
const ODD_RESULTS: unknown[] = [
  undefined,
  {},
  { ok: false, why: 'not' },
  { ok: undefined },
  { toJSON: () => 'other' },
  { gone: undefined },
  new (class Priced {
    price = 1;
    toJSON() {
      return 'other';
    }
  })(),
  Object.assign(Object.create(null), { a: 1 }),
  [1, 2],
  'text',
  7,
  new Date(0),
  { number: Number.NaN },
  Object.create({ inherited: 1 }),
];
const odd = defineModule({
  name: 'odd',
  handlers: { 'odd:result': (at) => ODD_RESULTS[at as number] as object },
});

const PACKETS = [
  ...[
    '21["ping"]',
    '22["ping",null,7]',
    '2007["ping"] ',
    `2${'9'.repeat(20)}["ping"]`,
    '2 8["ping"]',
    '29["pi\\u006eg"]',
  ],
  ...['210["room:join",{"room":"a"}]', '211["room:join"]', '212["room:leave",{"room":"user:x"}]'],
  ...['213["protocol:join",{"protocolId":7}]', '214["protocol:leave"]', '215["auth:refresh",{"token":1}]'],
  ...['216["shop:buy",{"of":"\ud83d\ude00"}]', '217["shop:bytes"]', '218["shop:circle"]', '219["shop:buy"]'],
  ...ODD_RESULTS.map((_, at) => `2${100 + at}["odd:result",${at}]`),
  ...['220["unknown"]', '221["error"]', '222[7]', '2["ping"]', '2/,23["ping"]', '224["app:echo","x"]', '225["ping"]'],
];

test('every packet is answered as it is on the ordinary way', async () => {
  const answersOn = async (fastPath: boolean) => {
    const { server, url, token } = await startServer({ fastPath, modules: [shop, odd] });
    server.io.on('connection', (socket) => {
      socket.on('app:echo', (payload: unknown, reply: (value: unknown) => void) => reply(payload));
    });
    const client = await connectRaw(url, token('ann'));
    for (const packet of PACKETS) client.send(packet);
    await client.sees('325[');
    await client.sees('3 bytes');
    // Those of asynchronous handlers come when they come.
    const answers = client.texts.map((each) => each.replaceAll(/\d{13}/g, 'TIME')).sort();
    await server.close();
    return answers;
  };
  const [shortened, ordinary] = [await answersOn(true), await answersOn(false)];
  expect(shortened).toEqual(ordinary);
  expect(shortened).toContain('31[{"lastSeen":TIME,"serverTime":TIME,"ok":true}]');
});

test('an application hears what it listens to, and stands before what it has middleware for', async () => {
  const { client, socket } = await startCrowd();
  const heard: unknown[] = [];
  const listen = (payload: unknown) => void heard.push(['listener', payload]);
  socket.on('ping', listen);
  client.send('21["ping","a"]');
  await client.sees('31[');
  socket.off('ping', listen);
  const any = (event: string, payload: unknown) => void heard.push(['any', event, payload]);
  socket.onAny(any);
  client.send('22["ping","b"]');
  await client.sees('32[');
  socket.offAny(any);
  socket.use(([event, payload], next) => {
    heard.push(['middleware', event, payload]);
    next();
  });
  socket.on('room:join', () => heard.push('room:join'));
  client.send('23["room:join",{"room":"a"}]');
  await client.sees('33[');
  client.send('24["ping"]');
  await client.sees('34[');
  expect(heard).toEqual([
    ['listener', 'a'],
    ['any', 'ping', 'b'],
    ['middleware', 'room:join', { room: 'a' }],
    'room:join',
  ]);
});

test('events are handled in the order in which they came, whichever way they go', async () => {
  const { client } = await startCrowd();
  for (const packet of ['2["ping"]', '21["ping"]', '2["ping"]', '22["ping"]']) client.send(packet);
  await client.sees('32[');
  expect(client.texts.map((each) => each.slice(0, 3))).toEqual(['2["', '31[', '2["', '32[']);
});

test('a text between a packet and its attachments ends the connection, as it does in Socket.IO', async () => {
  const { client } = await startCrowd();
  client.send('51-["ping",{"_placeholder":true,"num":0}]');
  client.send('21["ping"]');
  await until(() => client.isClosed, { what: 'the client is closed' });
  expect(client.texts).toEqual([]);
});

test('an event after the goodbye ends the transport, as it does in Socket.IO', async () => {
  const { server, client } = await startCrowd();
  client.send('1');
  await until(() => server.io.sockets.sockets.size === 0, { what: 'the socket is gone' });
  client.send('21["ping"]');
  await until(() => client.isClosed, { what: 'the client is closed' });
  expect(client.texts).toEqual([]);
});

test('where a client has another decoder, all is answered the ordinary way, and a debug line says so', async () => {
  const { server, url, token, logs } = await startServer({ fastPath: true });
  server.io.use((socket, next) => {
    const { client } = socket as unknown as { client: { decoder: Decoder } };
    Object.setPrototypeOf(client.decoder, Decoder.prototype);
    next();
  });
  const client = await connectRaw(url, token('ann'));
  client.send('21["ping"]');
  await client.sees('31[');
  expect(logs.of('intake.ordinary')).toMatchObject([{ reason: expect.stringContaining('the decoder of a client') }]);
});
