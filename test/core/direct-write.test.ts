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
    const write = createDirectWrite(
      (what) => mismatches.push(what),
      () => () => {},
    );
    const tcp = strangeSocket(() => new Request());
    expect(write(tcp, Buffer.from('first'), undefined)).toBe('not');
    tcp.write(Buffer.from('first'));
    expect(write(tcp, Buffer.from('second'), undefined)).toBe(expected.length === 0 ? 'now' : 'not');
    expect(mismatches).toEqual(expected);
  });

  test('again with another socket, when the first one wrote nothing', () => {
    const write = createDirectWrite(
      () => {},
      () => () => {},
    );
    const [silent, other] = [strangeSocket(() => new UsualRequest()), strangeSocket(() => new UsualRequest())];
    expect(write(silent, Buffer.from('lost'), undefined)).toBe('not');
    expect(write(other, Buffer.from('first'), undefined)).toBe('not');
    other.write(Buffer.from('first'));
    expect(write(other, Buffer.from('second'), undefined)).toBe('now');
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

test.for(['end', 'ping', 'pong'] as const)(
  'what the application writes itself, %s, follows what was sent before',
  async (what) => {
    const { server, client, socket, tcp } = await startCrowd({ fastPath: true });
    server.emitter.emit('news', 0, ROOM);
    await client.sees(news(0));
    for (const number of [1, 2]) server.emitter.emit('news', number, ROOM);
    const { transport } = socket.conn as unknown as { transport: { socket: Record<string, (data: string) => void> } };
    if (what === 'end') tcp.end();
    else transport.socket[what]?.('');
    server.emitter.emit('news', 3, ROOM);
    await (what === 'end' ? until(() => client.isClosed) : client.sees(news(3)));
    expect(client.texts).toEqual(numbers(what === 'end' ? 3 : 4).map(news));
  },
);

test('many large messages in one turn are not copied for each receiver, and arrive in order', async () => {
  const { server, client, tcp } = await startCrowd({ fastPath: true });
  server.emitter.emit('news', 0, ROOM);
  await client.sees(news(0));
  const texts = numbers(20).map((number) => `${number}`.repeat(5_000));
  const written = vi.spyOn(tcp, 'write');
  for (const text of texts) server.emitter.emit('news', text, ROOM);
  await client.sees(texts.at(-1) as string);
  expect(client.texts.slice(1)).toEqual(texts.map((text) => `2["news","${text}"]`));
  expect(written).toHaveBeenCalledTimes(20);
});

test('clients over TLS get everything in order', async () => {
  const { keyFile: key, certFile: cert } = makeSelfSigned();
  const { server, client, socket } = await startCrowd({ fastPath: true, tls: { key, cert } });
  for (const number of numbers(20)) server.emitter.emit('news', number, ROOM);
  socket.emit('news', 20);
  await client.sees(news(20));
  expect(client.texts).toEqual(numbers(21).map(news));
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
