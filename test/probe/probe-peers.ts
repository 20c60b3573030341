import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Report, renderReport, runProbe } from '../../src/probe/run-probe.ts';
import type { ProbeOptions } from '../../src/probe/target.ts';
import type { Verdict } from '../../src/probe/verdict.ts';
import { tempFolder } from '../support/temp-folder.ts';

export interface Probed extends Report {
  /** As a person sees it. */
  text: string;
}

/** Probes in this process. */
export async function probe(url: string, options: Partial<ProbeOptions> = {}): Promise<Probed> {
  const report = await runProbe({ url, timeoutMs: 5_000, ...options });
  return { ...report, text: renderReport(report).join('\n') };
}

/** What was asked for, by transport. */
export function asked({ attempts }: Report, transport: Verdict['transport']): Verdict | undefined {
  return attempts.find((verdict) => verdict.isAsked && verdict.transport === transport);
}

/** A proxy that passes everything on but the header that makes a request a WebSocket. */
export function startStrippingProxy(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return startTcpServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    client.on('data', (bytes) => {
      upstream.write(bytes.toString('latin1').replace(/^(?:Upgrade|Connection): .*\r\n/gim, ''), 'latin1');
    });
    upstream.pipe(client);
    client.on('close', () => upstream.destroy()).on('error', () => {});
    upstream.on('close', () => client.destroy()).on('error', () => {});
  });
}

/** A TCP server on a free port of 127.0.0.1, closed with the test; its address as an `http` URL. */
export async function startTcpServer(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket)).on('connection', onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A certificate that nobody trusts, for 127.0.0.1. */
export function makeSelfSigned(): { key: string; cert: string; keyFile: string; certFile: string } {
  const folder = tempFolder();
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout ${keyFile} -out ${certFile}`.split(
      ' ',
    ),
    { stdio: 'pipe' },
  );
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8'), keyFile, certFile };
}
