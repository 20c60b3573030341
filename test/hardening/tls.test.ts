import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createRealtimeServer } from '../../src/index.ts';
import { openWire } from '../../src/wire/open-wire.ts';
import { isToolMissing, requireTool } from '../support/external-tool.ts';
import { connectPeer } from '../support/peers/connected-peer.ts';
import { startServer } from '../support/start-server.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

interface Files {
  cert: string;
  key: string;
}

const timeoutMs = 15_000;

/** Writes a self-signed certificate for 127.0.0.1 and its key. */
function makeCertificate({ cert, key }: Files, name: string): void {
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const args = ['req', '-x509', ...ec, ...subject, '-keyout', key, '-out', cert];
  execFileSync(requireTool('openssl'), args, { stdio: 'ignore' });
}

function newFiles(name: string): Files {
  const folder = tempFolder();
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  makeCertificate(files, name);
  return files;
}

/** The name on the certificate that a new connection is shown. */
function shownName(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.end();
    });
    socket.on('error', reject);
  });
}

async function headersOf(url: string, ca: Buffer) {
  return new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
    get(url, { ca }, (answer) => resolve(answer.resume().headers)).on('error', reject);
  });
}

describe.skipIf(isToolMissing('openssl'))('over TLS', () => {
  test.each(['websocket', 'polling'] as const)(
    'a client that trusts the certificate is served, by %s',
    async (transport) => {
      const files = newFiles('first');
      const { url, token } = await startServer({ tls: files });
      expect(url).toMatch(/^https:/);
      const tls = { ca: readFileSync(files.cert) };
      const { wire, close } = await connectPeer(url, { auth: { token: token('42') }, transport, tls });
      if (transport === 'polling') await wire.upgrade();
      expect(wire.transport).toBe('websocket');
      expect(await wire.emitWithAck('ping', undefined, { timeoutMs })).toMatchObject({ ok: true });
      await close();
    },
  );

  test('one that does not is not, and plain HTTP gets nothing', async () => {
    const { url, token } = await startServer({ tls: newFiles('first') });
    await expect(openWire(url)).rejects.toMatchObject({ kind: 'tls' });
    await expect(openWire(url.replace('https', 'http'))).rejects.toThrow();
    const tls = { rejectUnauthorized: false };
    const { close } = await connectPeer(url, { auth: { token: token('42') }, tls });
    await close();
  });

  test('answers ask browsers to stay with TLS, and plain ones do not', async () => {
    const files = newFiles('first');
    const { url, server } = await startServer({ tls: files });
    const headers = await headersOf(`${url}/healthz`, readFileSync(files.cert));
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{7,}/);
    await server.close();
    const plain = await startServer();
    const answer = await fetch(new URL('/healthz', plain.url));
    expect(answer.headers.get('strict-transport-security')).toBeNull();
  });

  test('a renewed certificate is shown to new connections, and old connections live on', async () => {
    const files = newFiles('first');
    const { url, token, logs } = await startServer({ tls: files });
    const tls = { rejectUnauthorized: false };
    const old = await connectPeer(url, { auth: { token: token('42') }, tls });
    expect(await shownName(url)).toBe('first');
    makeCertificate(files, 'second');
    await logs.next('tls.reloaded');
    await until(async () => (await shownName(url)) === 'second', { what: 'the renewed certificate' });
    expect(await old.wire.emitWithAck('ping', undefined, { timeoutMs })).toMatchObject({ ok: true });
    const { close } = await connectPeer(url, { auth: { token: token('43') }, tls });
    await Promise.all([close(), old.close()]);
  });

  test('a broken new file leaves the old certificate in use, says so, and a whole one is taken up after it', async () => {
    const files = newFiles('first');
    const { url, logs } = await startServer({ tls: files });
    for (const content of ['', 'no certificate', readFileSync(files.key, 'utf8')]) {
      const seen = logs.of('tls.reload_failed').length;
      writeFileSync(files.cert, content);
      await until(() => logs.of('tls.reload_failed').length > seen, { what: 'a line about the broken file' });
      expect(await shownName(url)).toBe('first');
    }
    expect(JSON.stringify(logs.of('tls.reload_failed'))).not.toContain('PRIVATE KEY');
    makeCertificate(files, 'second');
    await until(async () => (await shownName(url)) === 'second', { what: 'the renewed certificate' });
  });

  test('a certificate without its key, or with a strange one, is refused at the start', async () => {
    const one = newFiles('one');
    const other = newFiles('other');
    const start = (tls: Partial<Files>) =>
      createRealtimeServer({ port: 0, auth: { secret: 'x'.repeat(32) }, log: { level: 'silent' }, tls });
    await expect(start({ cert: one.cert })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(start({ cert: one.cert, key: other.key })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(start({ cert: one.cert, key: `${one.key}.gone` })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
