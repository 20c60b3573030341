import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WireError } from '../../src/wire/errors.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { CLOSE_TIMEOUT_MS } from '../../src/wire/transport.ts';
import type { WireOptions } from '../../src/wire/wire-options.ts';

const OPEN = `0${JSON.stringify({ sid: 'x', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1e6 })}`;
const frame = (text: string) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);

const chunked = (body: string) => `Transfer-Encoding: chunked\r\n\r\n${body}`;

/** A server that answers each upgrade as it is told, byte for byte. */
async function startAnswering(answer: (socket: Socket, request: string, accept: string) => void) {
  const requests: string[] = [];
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', (bytes) => {
        const request = bytes.toString();
        requests.push(request);
        const key = /^Sec-WebSocket-Key: (.+)\r$/m.exec(request)?.[1];
        const digest = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        answer(socket, request, digest);
      });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const open = async (options: WireOptions = {}, credentials = '') => {
    const wire = await openWire(`http://${credentials}127.0.0.1:${port}`, options);
    onTestFinished(() => wire.drop());
    return wire;
  };
  return { open, port, requests };
}

const switching = (accept: string, more = '') =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: keep-alive, upgrade\r\nupgrade: WebSocket\r\nsec-websocket-accept: ${accept}\r\n${more}\r\n`;

test('loses nothing of what comes in one piece with the answer', async () => {
  const { open } = await startAnswering((socket, _request, accept) => {
    socket.write(Buffer.concat([Buffer.from(switching(accept)), frame(OPEN), frame('2'), frame('3')]));
  });
  const wire = await open();
  expect(wire.open.sid).toBe('x');
  expect(wire.counts).toMatchObject({ packets: 3, pings: 1 });
});

test('reads an answer that comes byte by byte, after others that only announce it', async () => {
  const { open } = await startAnswering(async (socket, _request, accept) => {
    const all = `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${switching(accept)}`;
    socket.setNoDelay();
    for (const byte of Buffer.concat([Buffer.from(all), frame(OPEN)])) {
      await new Promise<void>((resolve) => socket.write(Buffer.from([byte]), () => resolve()));
    }
  });
  expect((await open()).open.sid).toBe('x');
});

test.for([
  ['a length', 'Content-Length: 13\r\n\r\n{"code":"NO"}and more'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n8;x=1\r\n{"code":\r\n5\r\n"NO"}\r\n0\r\n\r\n'],
] as const)('reads the body of a refusal that has %s, on a connection that stays open', async ([, rest]) => {
  const { open } = await startAnswering((socket) => {
    socket.write(`HTTP/1.1 403 Forbidden\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Y: 1\r\nx-y: 2\r\n${rest}`);
  });
  const error = await open().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: 'http', status: 403, body: '{"code":"NO"}', json: { code: 'NO' } });
  expect(error).toMatchObject({ headers: { 'set-cookie': ['a=1', 'b=2'], 'x-y': '1, 2' } });
});

test('reads a body that ends with the connection', async () => {
  const { open } = await startAnswering((socket) => void socket.end('HTTP/1.0 502 Bad Gateway\r\n\r\nno upstream'));
  await expect(open()).rejects.toMatchObject({ kind: 'http', status: 502, body: 'no upstream' });
});

test.for([204, 304])('does not wait for the body of a %i, which has none', async (status) => {
  const { open } = await startAnswering((socket) => {
    socket.write(`HTTP/1.1 ${status} No\r\nContent-Length: 5\r\n\r\n`);
  });
  await expect(open()).rejects.toMatchObject({ kind: 'http', status, body: '' });
});

test('reads lines that end with a line feed alone', async () => {
  const { open } = await startAnswering((socket) => {
    socket.write('HTTP/1.1 403 Forbidden\nContent-Length: 13\n\n{"code":"NO"}');
  });
  await expect(open()).rejects.toMatchObject({ kind: 'http', status: 403, json: { code: 'NO' } });
});

test('takes the same length, said twice, for one', async () => {
  const { open } = await startAnswering((socket) => {
    socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 13\r\ncontent-length: 13\r\n\r\n{"code":"NO"}');
  });
  await expect(open()).rejects.toMatchObject({ kind: 'http', status: 403, json: { code: 'NO' } });
});

test.for([
  ['two lengths', 'Content-Length: 13\r\nContent-Length: 14\r\n\r\n{"code":"NO"}', 'its Content-Length is "13, 14"'],
  ['a length that is none', 'Content-Length: abc\r\n\r\n{"code":"NO"}', 'its Content-Length is "abc"'],
  ['a negative length', 'Content-Length: -1\r\n\r\n{"code":"NO"}', 'its Content-Length is "-1"'],
  ['a chunk without a size', chunked('d\r\n{"code":"NO"}\r\nzz\r\n'), 'a chunk begins with "zz\\r\\n"'],
  ['a chunk that is longer than it says', chunked('d\r\n{"code":"NO"}and more'), 'a chunk ends with "an"'],
  ['chunks without carriage returns', chunked('d\r\n{"code":"NO"}\r\n0\n\n'), 'a chunk begins with "0\\n"'],
] as const)('%s is an error of the protocol, and what came is kept', async ([, rest, problem]) => {
  const { open } = await startAnswering((socket) => void socket.write(`HTTP/1.1 403 Forbidden\r\n${rest}`));
  await expect(open()).rejects.toMatchObject({
    kind: 'protocol',
    message: expect.stringContaining(`${problem} (HTTP 403)`),
    status: 403,
    json: { code: 'NO' },
  });
});

test('keeps headers of any name, and those that go over two lines', async () => {
  const { open } = await startAnswering((socket) => {
    socket.write('HTTP/1.1 403 No\r\nconstructor: x\r\n__proto__: y\r\nX: a\r\n\t b\r\nContent-Length: 0\r\n\r\n');
  });
  const { headers } = (await open().catch((reason: unknown) => reason)) as WireError;
  expect(Object.entries(headers ?? {})).toEqual([
    ['constructor', 'x'],
    ['__proto__', 'y'],
    ['x', 'a b'],
    ['content-length', '0'],
  ]);
});

test('does not take a 200 for an upgrade', async () => {
  const { open } = await startAnswering(
    (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'),
  );
  await expect(open()).rejects.toMatchObject({ kind: 'http', status: 200, body: 'hi' });
});

const NOT_SAID = 'Connection does not say Upgrade';

test.for([
  ['an Accept that answers another key', (accept: string) => switching(`x${accept}`), 'Sec-WebSocket-Accept is wrong'],
  [
    'no Accept',
    () => 'HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'Sec-WebSocket-Accept is wrong',
  ],
  [
    'another protocol',
    () => 'HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    'it switches to another protocol',
  ],
  ['no Connection', (accept: string) => switching(accept).replace(/^Connection.*\r\n/m, ''), NOT_SAID],
  ['another Connection', (accept: string) => switching(accept).replace('keep-alive, upgrade', 'upgrades'), NOT_SAID],
  [
    'a line that is no header',
    (accept: string) => switching(accept, 'no colon\r\n'),
    'one of its headers is "no colon"',
  ],
  ['a blank before the colon', (accept: string) => switching(accept, 'X : v\r\n'), 'one of its headers is "X : v"'],
  [
    'an extension that nobody asked for',
    (accept: string) => switching(accept, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'),
    'nobody asked for sec-websocket-extensions',
  ],
  ['a status that is none', () => 'HTTP/1.1 abc\r\n\r\n', 'its status line is "HTTP/1.1 abc"'],
  ['headers without end', () => `HTTP/1.1 101 Yes\r\n${'a: b\r\n'.repeat(20_000)}`, 'its headers do not end'],
] as const)('%s is an error of the protocol', async ([, answer, problem]) => {
  const { open } = await startAnswering((socket, _request, accept) => void socket.write(answer(accept)));
  await expect(open()).rejects.toMatchObject({ kind: 'protocol', message: expect.stringContaining(problem) });
});

test('an answer that breaks off is no answer', async () => {
  const { open } = await startAnswering((socket) => void socket.end('HTTP/1.1 101 Switching'));
  await expect(open()).rejects.toMatchObject({ kind: 'unreachable' });
});

test('asks with the headers that it is told, and with those that belong to an upgrade', async () => {
  const { open, requests } = await startAnswering((socket, _request, accept) => {
    socket.write(Buffer.concat([Buffer.from(switching(accept)), frame(OPEN)]));
  });
  await open(
    { headers: { host: 'other.example', 'X-Forwarded-For': '10.0.0.9' }, origin: 'https://app.example' },
    'a:p%40@',
  );
  const [first = '', ...lines] = (requests[0] ?? '').trim().split('\r\n');
  expect(first).toBe('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1');
  expect(lines.filter((line) => !line.startsWith('Sec-WebSocket-Key'))).toEqual([
    'host: other.example',
    `Authorization: Basic ${Buffer.from('a:p@').toString('base64')}`,
    'X-Forwarded-For: 10.0.0.9',
    'Origin: https://app.example',
    'Sec-WebSocket-Version: 13',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ]);
});

test('sends a header once, however its name is written', async () => {
  const { open, requests } = await startAnswering((socket, _request, accept) => {
    socket.write(Buffer.concat([Buffer.from(switching(accept)), frame(OPEN)]));
  });
  const headers = {
    'x-y': '1',
    'X-Y': '2',
    authorization: 'Bearer x',
    origin: 'https://b.example',
    connection: 'close',
  };
  await open({ headers, origin: 'https://a.example' }, 'a:p@');
  const lines = (requests[0] ?? '').trim().split('\r\n').slice(1);
  const names = lines.map((line) => line.replace(/:.*/, '').toLowerCase());
  expect(names).toEqual([...new Set(names)]);
  expect(lines).toEqual(
    expect.arrayContaining(['X-Y: 2', 'authorization: Bearer x', 'Origin: https://a.example', 'Connection: Upgrade']),
  );
});

test.for(['websocket', 'polling'] as const)(
  'credentials that cannot be read are said to be so (%s)',
  async (transport) => {
    const { open } = await startAnswering(() => {});
    const error = await open({ transport }, 'a%zz@').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ kind: 'protocol' });
  },
);

test('a header that would become two is refused, and nothing is sent', async () => {
  const { open, requests } = await startAnswering((socket) => void socket.end());
  await expect(open({ origin: 'https://a\r\nX: y' })).rejects.toThrow(/Invalid character in header/);
  expect(requests).toEqual([]);
});

test('a frame that is none ends the connection, and says why', async () => {
  const { open } = await startAnswering((socket, _request, accept) => {
    socket.write(Buffer.concat([Buffer.from(switching(accept)), frame(OPEN), Buffer.from([0xff, 0xff])]));
  });
  const wire = await open();
  await expect(wire.closed).resolves.toMatchObject({
    by: 'server',
    reason: expect.stringContaining('Invalid WebSocket frame'),
  });
});

test.for([
  ['a frame that is none', [0xff, 0xff], 1002],
  ['text that is no UTF-8', [0x81, 0x01, 0xff], 1007],
  ['a message that is too long', [0x82, 127, 0, 0, 0, 0, 0x10, 0, 0, 0], 1009],
] as const)('%s is answered with the code for it', async ([, bytes, code]) => {
  const codes: number[] = [];
  const { open } = await startAnswering((socket, _request, accept) => {
    socket.on('data', (answer) => {
      // The close frame of the client: two bytes of head, four of mask, two of code.
      if (answer[0] === 0x88) codes.push(answer.readUInt16BE(6) ^ answer.readUInt16BE(2));
    });
    socket.write(Buffer.concat([Buffer.from(switching(accept)), frame(OPEN), Buffer.from(bytes)]));
  });
  const wire = await open();
  await wire.closed;
  expect(codes).toEqual([code]);
});

test('a close frame that is read only after the end is waited for by nobody', async () => {
  const sockets: Socket[] = [];
  const { open } = await startAnswering((socket, _request, accept) => {
    sockets.push(socket);
    socket.write(Buffer.concat([Buffer.from(switching(accept)), frame(OPEN)]));
  });
  const [wire, neighbour] = [await open(), await open()];
  wire.pause();
  sockets[0]?.end(Buffer.from([0x88, 2, 0x03, 0xe8]));
  const came = new Promise<void>((resolve) => {
    neighbour.tap = () => resolve();
  });
  sockets[1]?.write(frame('2'));
  await came;
  await new Promise((resolve) => setImmediate(resolve));
  const timers = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => timers.mockRestore());
  wire.drop();
  expect(await wire.closed).toMatchObject({ code: 1000 });
  expect(timers.mock.calls.filter(([, delayMs]) => delayMs === CLOSE_TIMEOUT_MS)).toEqual([]);
});
