import { describe, expect, test, vi } from 'vitest';
import { createDirectWrite, type TcpSocket } from '../../src/core/direct-write.ts';
import { makeSelfSigned } from '../probe/probe-peers.ts';
import { fill, news, numbers, ROOM, startCrowd } from '../support/crowd.ts';
import { connectRaw } from '../support/raw-texts.ts';
import { until } from '../support/until.ts';

/** A socket of a Node that makes its writes otherwise. */
function strangeSocket(makeRequest: () => object): TcpSocket {
  class TCP {
    writeBuffer = undefined as unknown;
  }
  Object.defineProperty(TCP.prototype, 'writeBuffer', { value: () => 0, writable: true });
  const handle = new TCP();
  Reflect.deleteProperty(handle, 'writeBuffer');
  return {
    _handle: handle,
    write: (data: Buffer) => (handle.writeBuffer as (...given: unknown[]) => number)(makeRequest(), data),
  } as unknown as TcpSocket;
}

type Crowd = Awaited<ReturnType<typeof startCrowd>>;

class UsualRequest {
  readonly oncomplete = () => {};
  readonly getAsyncId = () => -1;
}

describe('what Node makes of a write is looked at first', () => {
  test.for([
    ['as it is today', UsualRequest, []],
    ['without its own end', class {}, ['the writes of a TCP socket']],
    [
      'held by the system from the start',
      class extends UsualRequest {
        override readonly getAsyncId = () => 7;
      },
      ['the writes of a TCP socket'],
    ],
  ] as const)('%s', async ([, Request, expected]) => {
    const mismatches: string[] = [];
    const { fits } = createDirectWrite(
      (what) => mismatches.push(what),
      () => () => {},
    );
    const tcp = strangeSocket(() => new Request());
    expect(fits(tcp)).toBe(false);
    tcp.write(Buffer.from('first'));
    expect(fits(tcp)).toBe(expected.length === 0);
    expect(mismatches).toEqual(expected);
  });

  test('again with another socket, when the first one wrote nothing', () => {
    const { fits } = createDirectWrite(
      () => {},
      () => () => {},
    );
    const [silent, other] = [strangeSocket(() => new UsualRequest()), strangeSocket(() => new UsualRequest())];
    expect([fits(silent), fits(other)]).toEqual([false, false]);
    other.write(Buffer.from('first'));
    expect([fits(silent), fits(other)]).toEqual([true, true]);
  });
});

test('nothing goes through the stream of a client that keeps up', async () => {
  const { server, client, socket, tcp } = await startCrowd({ fastPath: true });
  server.emitter.emit('news', 0, ROOM);
  await client.sees(news(0));
  const written = vi.spyOn(tcp, 'write');
  for (const number of [1, 2, 3]) server.emitter.emit('news', number, ROOM);
  socket.emit('news', 4);
  client.send('21["ping",{}]');
  await client.sees('"serverTime"');
  expect(client.texts.slice(0, 5)).toEqual(numbers(5).map(news));
  expect(written).not.toHaveBeenCalled();
});

const connOf = ({ conn }: { conn: object }) =>
  conn as {
    sendPacket(type: string): void;
    write(text: string, options: object, onWritten: () => void): void;
    transport: { socket: { ping(data: string): void } };
  };

/** What leaves the stream of a client in the middle of a turn, and what the client sees of it. */
const BETWEEN = {
  'a binary event': {
    send: ({ socket }) => socket.emit('bytes', Buffer.alloc(5)),
    sees: [expect.stringContaining('51-["bytes"'), '5 bytes'],
  },
  'a heartbeat of Engine.IO': { send: ({ socket }) => connOf(socket).sendPacket('ping'), sees: [] },
  'a ping of WebSocket': { send: ({ socket }) => connOf(socket).transport.socket.ping('are you there'), sees: [] },
  'a message that asks when it is written': {
    send: ({ socket }) => connOf(socket).write(news(-1), {}, () => {}),
    sees: [news(-1)],
  },
  'a kick': { send: ({ server }) => server.users.kick('ann'), sees: [expect.stringContaining('2["closing",'), '1'] },
  'the end': { send: ({ tcp }) => tcp.end(), sees: [] },
} satisfies Record<string, { send: (crowd: Crowd) => void; sees: unknown[] }>;

const WAYS = {
  'over TCP': { length: 10, options: () => ({}) },
  'over TCP, more than is held': { length: 40_000, options: () => ({}) },
  'over TCP whose exits somebody else has changed': { length: 10, options: () => ({}), prepare: patchExit },
  'over TLS': {
    length: 10,
    options() {
      const { keyFile: key, certFile: cert } = makeSelfSigned();
      return { tls: { key, cert } };
    },
  },
} satisfies Record<string, { length: number; options: () => object; prepare?: (tcp: Crowd['tcp']) => void }>;

/** As a tool that measures traffic may do. */
function patchExit(tcp: Crowd['tcp']): void {
  const ordinary = Object.getPrototypeOf(tcp)._writev;
  Object.assign(tcp, { _writev: (...given: unknown[]) => ordinary.apply(tcp, given) });
}

describe.for(Object.keys(WAYS) as (keyof typeof WAYS)[])('what is sent in one turn keeps its place, %s:', (way) => {
  test.for(Object.keys(BETWEEN) as (keyof typeof BETWEEN)[])('with %s in between', async (what) => {
    const { length, options, prepare } = { prepare() {}, ...WAYS[way] };
    const crowd = await startCrowd({ fastPath: true, ...options() });
    const { server, client, tcp } = crowd;
    prepare(tcp);
    server.emitter.emit('news', 'first', ROOM);
    await client.sees('first');
    client.texts.length = 0;
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(length));
    const frames = texts.map((text) => `2["news","${text}"]`);
    for (const text of texts) server.emitter.emit('news', text, ROOM);
    BETWEEN[what].send(crowd);
    const isOver = what === 'a kick' || what === 'the end';
    if (!isOver) for (const text of texts) server.emitter.emit('news', text, ROOM);
    const expected = [...frames, ...BETWEEN[what].sees, ...(isOver ? [] : frames)];
    if (isOver) await until(() => client.isClosed, { what: 'the client is closed' });
    else await until(() => client.texts.length >= expected.length, { what: 'all has come' });
    expect(client.texts).toEqual(expected);
    if (!isOver) await until(() => tcp.writableLength === 0, { what: 'nothing is left in the stream' });
  });
});

test('a burst of large messages does not wait for the end of the turn', async () => {
  const { server, client, tcp } = await startCrowd({ fastPath: true });
  server.emitter.emit('news', 0, ROOM);
  await client.sees(news(0));
  const before = tcp.bytesWritten;
  const texts = numbers(20).map((number) => `${number}`.repeat(10_000));
  for (const text of texts) server.emitter.emit('news', text, ROOM);
  expect(tcp.bytesWritten - before).toBeGreaterThan(100_000);
  await client.sees(texts.at(-1) as string);
  expect(client.texts.slice(1)).toEqual(texts.map((text) => `2["news","${text}"]`));
});

test.for(['here', 'there'])('a connection that breaks %s with much waiting for it harms no other', async (where) => {
  const crowd = await startCrowd({ fastPath: true, limits: { bufferedBytes: '100MiB' } });
  const { server, client, tcp, logs, url, token } = crowd;
  const other = await connectRaw(url, token('bob'));
  client.pause();
  await fill(tcp, () => server.emitter.emit('filler', 'x'.repeat(50_000), ROOM));
  if (where === 'here') tcp.destroy();
  else client.terminate();
  server.emitter.emit('news', 1);
  await until(() => logs.of('connection.closed').length === 1, { what: 'it is gone' });
  server.emitter.emit('news', 2);
  await other.sees(news(2));
  expect(other.texts).toEqual([news(1), news(2)]);
});
