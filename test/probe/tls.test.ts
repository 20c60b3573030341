import { expect, test } from 'vitest';
import { startServer } from '../support/start-server.ts';
import { startHttpServer, startStockServer } from '../wire/stock-server.ts';
import { asked, makeSelfSigned, probe } from './probe-peers.ts';

test('a self-signed certificate is named, and looked past on request', async () => {
  const { keyFile: key, certFile: cert } = makeSelfSigned();
  const { url, token } = await startServer({ tls: { key, cert } });
  const refused = await probe(url, { token: token('42') });
  expect(refused.outcome).toBe('unreachable');
  for (const transport of ['polling', 'websocket'] as const) {
    expect(asked(refused, transport)).toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      rule: 'TLS certificate',
      reason: expect.stringContaining('self-signed'),
      advice: expect.stringContaining('--insecure'),
    });
  }
  const passed = await probe(url, { token: token('42'), isInsecure: true });
  expect(passed.outcome).toBe('passes');
  expect(asked(passed, 'upgrade')).toMatchObject({ outcome: 'passed' });
  expect(passed.findings).toContainEqual(
    expect.objectContaining({
      level: 'warning',
      rule: 'TLS certificate',
      reason: expect.stringContaining('self-signed'),
    }),
  );
});

test('http spoken to a port of https is named', async () => {
  const { url } = await startStockServer({ tls: makeSelfSigned() });
  const report = await probe(url.replace('https:', 'http:'));
  expect(report.outcome).toBe('unreachable');
  expect(report.attempts).toHaveLength(2);
  for (const attempt of report.attempts) expect(attempt).toMatchObject({ rule: 'scheme', advice: `Use ${url}` });
});

test.for([
  ['a Socket.IO server', async () => (await startStockServer()).url],
  ['any other', () => startHttpServer((_request, response) => void response.end('hello'))],
] as const)('https spoken to a port of http is named: %s', async ([, start]) => {
  const url = await start();
  const report = await probe(url.replace('http:', 'https:'));
  expect(report.outcome).toBe('unreachable');
  for (const attempt of report.attempts) expect(attempt).toMatchObject({ rule: 'scheme', advice: `Use ${url}` });
});
