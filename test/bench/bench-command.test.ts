import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { measureHttp } from '../../src/bench/http.ts';
import { renderRow } from '../../src/bench/render.ts';
import { type BenchResult, summarize } from '../../src/bench/result.ts';
import { startPrefixProxy } from '../support/prefix-proxy.ts';
import { runCli } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';

const NEVER = new AbortController().signal;
const SHORT = ['--duration', '1s', '--sockets', '20'];

test('bench measures a server of its own, and bare Socket.IO beside it', async () => {
  const { code, stdout, stderr } = await runCli(['bench', ...SHORT, '--control', '--json'], { timeoutMs: 50_000 });
  expect(code, stdout + stderr).toBe(0);
  const { format, ok, rows } = JSON.parse(stdout) as BenchResult;
  expect([format, ok]).toEqual(['rtserver-bench/1', true]);
  expect(rows.map(({ server, name }) => `${server} ${name}`)).toEqual([
    'rtserver http',
    'rtserver connections',
    'rtserver acknowledgements',
    'rtserver fan-out',
    'socket.io connections',
    'socket.io acknowledgements',
    'socket.io fan-out',
  ]);
  for (const { perSecond, errors, latency } of rows) {
    expect([perSecond > 0, errors, latency.p50 <= latency.p99]).toEqual([true, 0, true]);
  }
});

test('bench measures a server below a path of a proxy', async () => {
  const { url, secret } = await startServer();
  const below = await startPrefixProxy(url, '/rt');
  const { code, stdout, stderr } = await runCli(['bench', ...SHORT, '--url', `${below}/`, '--secret', secret]);
  expect(code, stdout + stderr).toBe(0);
});

test('bench exits with 3 when nobody is there', async () => {
  const { code, stderr } = await runCli(['bench', '--url', 'http://127.0.0.1:9', '--secret', 'x'.repeat(32)]);
  expect([code, stderr]).toEqual([3, expect.stringContaining('cannot be reached')]);
});

describe('an answer that is an error', () => {
  test('fails the measurement, where autocannon would be content', async () => {
    const server = createServer((_request, response) => response.writeHead(500).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const row = await measureHttp({ url, token: 'x', durationMs: 1_000, signal: NEVER });
    expect(row.errors).toBeGreaterThan(0);
    expect(renderRow(row)).toMatch(/FAILED: [\d,]+ errors, the first: .* answers that are not 2xx/);
  });

  test('and so does one that never comes', async () => {
    const row = await measureHttp({ url: 'http://127.0.0.1:9', token: 'x', durationMs: 1_000, signal: NEVER });
    expect(row.errors).toBeGreaterThan(0);
  });
});

test('a measurement over HTTP ends when it is told to, long before its time', async () => {
  const stop = new AbortController();
  const server = createServer((_request, response) => {
    stop.abort();
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const row = await measureHttp({ url, token: 'x', durationMs: 3_600_000, signal: stop.signal });
  expect([row.errors, row.count > 0]).toEqual([0, true]);
});

test('percentiles are those of the samples', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(summarize(samples)).toEqual({ p50: 51, p95: 96, p99: 100, max: 100 });
  expect(summarize([])).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
});
