import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import type { WireOptions } from '../../src/wire/wire-options.ts';

const OPEN = `0${JSON.stringify({ sid: 'x', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1e6 })}`;
const frame = (text: string) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);

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
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nupgrade: WebSocket\r\nsec-websocket-accept: ${accept}\r\n${more}\r\n`;

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

test('does not take a 200 for an upgrade', async () => {
  const { open } = await startAnswering(
    (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'),
  );
  await expect(open()).rejects.toMatchObject({ kind: 'http', status: 200, body: 'hi' });
});

test.for([
  ['an Accept that answers another key', (accept: string) => switching(`x${accept}`), 'Sec-WebSocket-Accept is wrong'],
  ['no Accept', () => 'HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\n', 'Sec-WebSocket-Accept is wrong'],
  ['another protocol', () => 'HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\n\r\n', 'it switches to another protocol'],
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
    `Authorization: Basic ${Buffer.from('a:p@').toString('base64')}`,
    'host: other.example',
    'X-Forwarded-For: 10.0.0.9',
    'Origin: https://app.example',
    'Sec-WebSocket-Version: 13',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ]);
});

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
