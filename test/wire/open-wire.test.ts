import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WireError } from '../../src/wire/errors.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { openTestWire, startHttpServer, startStockServer } from './stock-server.ts';

const refusal = (opening: Promise<unknown>): Promise<WireError> =>
  opening.then(
    () => {
      throw new Error('expected a refusal, but it was let in');
    },
    (error: WireError) => error,
  );

describe.each(['websocket', 'polling'] as const)('a handshake over %s', (transport) => {
  test('ends with the open packet of the server', async () => {
    const { url } = await startStockServer({ pingInterval: 4_321, pingTimeout: 1_234, maxHttpBufferSize: 5_000 });
    const wire = await openTestWire(url, { transport });
    expect(wire.transport).toBe(transport);
    expect(wire.open).toMatchObject({ pingInterval: 4_321, pingTimeout: 1_234, maxPayload: 5_000 });
    expect(wire.open.sid).toBeTypeOf('string');
  });

  test('carries headers, origin and query', async () => {
    const { url, io } = await startStockServer();
    const seen = new Promise<{ headers: object; query: object }>((resolve) => {
      io.on('connection', ({ handshake }) => resolve(handshake));
    });
    const wire = await openTestWire(url, {
      transport,
      headers: { authorization: 'Bearer x' },
      origin: 'https://app.example',
      query: { token: 'y' },
    });
    wire.connect();
    const { headers, query } = await seen;
    expect(headers).toMatchObject({ authorization: 'Bearer x', origin: 'https://app.example' });
    expect(query).toMatchObject({ token: 'y', EIO: '4', transport });
  });

  test('uses the path that it is told', async () => {
    const { url } = await startStockServer({ path: '/live' });
    const wire = await openTestWire(url, { transport, path: '/live' });
    expect(await wire.connect()).toMatchObject({ ok: true });
  });

  test('reads the status and the body of a refusal', async () => {
    const body = JSON.stringify({ code: 'ORIGIN_NOT_ALLOWED', message: 'Origin not allowed' });
    const answer = `HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const url = await startTcpServer((socket) => socket.once('data', () => socket.end(answer)));
    const error = await refusal(openWire(url, { transport, origin: 'https://evil.example' }));
    expect(error).toMatchObject({ kind: 'http', status: 403, json: { code: 'ORIGIN_NOT_ALLOWED' } });
    expect(error.headers).toMatchObject({ connection: 'close' });
    expect(error.message).toContain('answered HTTP 403: {"code":"ORIGIN_NOT_ALLOWED"');
  });

  test('reads a refusal of a stock server, too', async () => {
    const { url } = await startStockServer({ allowRequest: (_request, callback) => callback('not from here', false) });
    const error = await refusal(openWire(url, { transport }));
    expect(error).toMatchObject({ kind: 'http', status: transport === 'websocket' ? 400 : 403 });
    expect(error.body).toContain('not from here');
  });

  test('tells a web server from a realtime server', async () => {
    const url = await startHttpServer((_request, response) => response.end('<h1>Hello</h1>'));
    const error = await refusal(openWire(url, { transport }));
    expect(error).toMatchObject({ kind: transport === 'websocket' ? 'http' : 'protocol', status: 200 });
    expect(error.body).toBe('<h1>Hello</h1>');
  });

  test('fails as unreachable where nobody listens', async () => {
    const error = await refusal(openWire('http://127.0.0.1:1', { transport }));
    expect(error).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED') });
  });

  test('fails as unreachable where the server hangs up', async () => {
    const url = await startTcpServer((socket) => socket.destroy());
    expect(await refusal(openWire(url, { transport }))).toMatchObject({ kind: 'unreachable' });
  });

  test('fails as a protocol error where the server does not speak HTTP', async () => {
    const url = await startTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
    expect(await refusal(openWire(url, { transport }))).toMatchObject({ kind: 'protocol' });
  });

  test('gives up on a server that accepts and never answers', async () => {
    const url = await startTcpServer(() => {});
    const error = await refusal(openWire(url, { transport, timeoutMs: 50 }));
    expect(error).toMatchObject({ kind: 'timeout', message: expect.stringContaining('within 50ms') });
  });

  test('fails as a TLS error where the server has none', async () => {
    const { url } = await startStockServer();
    const error = await refusal(openWire(url.replace('http:', 'https:'), { transport }));
    expect(error.kind).toBe('tls');
  });

  test.skipIf(!hasOpenssl())('checks the certificate of the server', async () => {
    const tls = createCertificate();
    const { url } = await startStockServer({ tls });
    expect(await refusal(openWire(url, { transport }))).toMatchObject({ kind: 'tls' });
    const wire = await openTestWire(url, { transport, tls: { ca: tls.cert } });
    expect(await wire.connect()).toMatchObject({ ok: true });
    await wire.close();
    await openTestWire(url, { transport, tls: { rejectUnauthorized: false } });
  });
});

test('a server that upgrades and then speaks another protocol is told from a silent one', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  await once(server, 'listening');
  server.on('connection', (socket) => socket.send('welcome'));
  const { port } = server.address() as { port: number };
  expect(await refusal(openWire(`ws://127.0.0.1:${port}`))).toMatchObject({ kind: 'protocol' });
});

async function startTcpServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
}

function createCertificate(): { key: string; cert: string } {
  const args = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -keyout - -subj /CN=test';
  const pem = execFileSync('openssl', [...args.split(' '), '-addext', 'subjectAltName=IP:127.0.0.1'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const block = (name: string) => pem.match(new RegExp(`-----BEGIN ${name}-----[^]+-----END ${name}-----`))?.[0] ?? '';
  return { key: block('PRIVATE KEY'), cert: block('CERTIFICATE') };
}
