import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { addressOf } from '../contract/server-url.ts';
import { requestText } from '../wire/http-request.ts';
import { readOpenPacket } from '../wire/open-packet.ts';
import { resolveEndpoint } from '../wire/wire-options.ts';
import type { CorsAnswer } from './attempt.ts';
import type { Target } from './target.ts';

/** Asks for a polling session as a page of this origin would, reads who may read the answer, and leaves. */
export async function readCors(target: Target, origin: string): Promise<CorsAnswer | undefined> {
  try {
    const { headers } = await openSession(target, target.path, origin);
    const allowOrigin = headers['access-control-allow-origin'] ?? null;
    return { origin, allowOrigin, allowsCredentials: headers['access-control-allow-credentials'] === 'true' };
  } catch {
    return undefined;
  }
}

/** Is there an Engine.IO server behind this path? */
export async function answersAt(target: Target, path: string): Promise<boolean> {
  try {
    return (await openSession(target, path, undefined)).isEngine;
  } catch {
    return false;
  }
}

async function openSession({ base, query, tls, timeoutMs }: Target, path: string, origin: string | undefined) {
  const url = resolveEndpoint(base, { path, query }, 'polling');
  const request = () => ({
    ...tls,
    agent: false,
    headers: origin === undefined ? {} : { origin },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answer = await requestText(url, request());
  const open = answer.body.startsWith('0') ? readOpenPacket(answer.body.slice(1)) : undefined;
  if (open !== undefined) {
    url.searchParams.set('sid', open.sid);
    await requestText(url, { ...request(), method: 'POST' }, '1').catch(() => undefined);
  }
  return { headers: answer.headers as Record<string, string | undefined>, isEngine: open !== undefined };
}

/** Does the port answer a TLS handshake? With what is wrong with its certificate, if so. */
export function readTls({ url, timeoutMs }: Target): Promise<{ speaksTls: boolean; problem?: string | undefined }> {
  const { host, port } = addressOf(new URL(url));
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls({
      host,
      port,
      rejectUnauthorized: false,
      // Names of certificates are checked against it; an address may not be sent as one.
      ...(isIP(host) === 0 && { servername: host }),
    });
    const done = (result: { speaksTls: boolean; problem?: string | undefined }) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => done({ speaksTls: false }));
    socket.on('error', () => done({ speaksTls: false }));
    socket.once('secureConnect', () => {
      const { authorizationError } = socket;
      const problem = (authorizationError as NodeJS.ErrnoException | undefined)?.code ?? authorizationError;
      done({ speaksTls: true, problem: problem ? String(problem) : undefined });
    });
  });
}

/** Does the port answer plain HTTP? */
export function speaksHttp({ url, timeoutMs }: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(addressOf(new URL(url)));
    const done = (isHttp: boolean) => {
      socket.destroy();
      resolve(isHttp);
    };
    socket.setTimeout(timeoutMs, () => done(false));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
    socket.once('data', (bytes) => done(bytes.toString('latin1', 0, 5) === 'HTTP/'));
    // Without the Host header, which every server must answer with 400: a path that nobody serves may stay unanswered.
    socket.write('HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n');
  });
}
