import { request as ask, createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy that has a server under a prefix, and nothing else. Closed with the test; returns where the server is now. */
export async function startPrefixProxy(serverUrl: string, prefix: string): Promise<string> {
  const { hostname: host, port } = new URL(serverUrl);
  const pathOf = ({ url = '' }: IncomingMessage) =>
    url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : undefined;
  const proxy = createServer((request, response) => {
    const path = pathOf(request);
    if (path === undefined) return void response.writeHead(404).end();
    const { method, headers } = request;
    const passed = ask({ host, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  proxy.on('upgrade', (request, socket) => {
    const path = pathOf(request);
    if (path === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    const upstream = connect(Number(port), host);
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    upstream.write(`GET ${path} HTTP/1.1\r\n${headers.join('')}\r\n`);
    socket.pipe(upstream).pipe(socket);
    for (const [end, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      end.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}`;
}
