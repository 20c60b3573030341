import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startHttpServer } from '../wire/stock-server.ts';
import { asked, probe, startTcpServer } from './probe-peers.ts';

test('a plain HTTP server is told from a Socket.IO server', async () => {
  const url = await startHttpServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
  });
  const report = await probe(url, { token: 'a-token', origin: 'https://app.example' });
  expect(report.outcome).toBe('not-socket.io');
  expect(report.summary).toBe('No Socket.IO server answers there: path.');
  expect(asked(report, 'polling')).toMatchObject({ status: 404, rule: 'path', message: 'HTTP 404, an HTML page' });
  // Everything else would say the same again.
  expect(report.attempts).toHaveLength(2);
});

test('a web page where Socket.IO should be is called a web page', async () => {
  const url = await startHttpServer((_request, response) => void response.end('<!doctype html><p>hello'));
  const report = await probe(url);
  expect(report.outcome).toBe('not-socket.io');
  expect(asked(report, 'polling')).toMatchObject({
    rule: 'not Socket.IO',
    reason: expect.stringContaining('web page'),
  });
  expect(asked(report, 'websocket')).toMatchObject({ outcome: 'not-socket.io' });
});

test('a server of an older protocol is named', async () => {
  const open = JSON.stringify({ sid: 'x', upgrades: [], pingInterval: 1, pingTimeout: 1 });
  const url = await startHttpServer((_request, response) => void response.end(`${open.length + 1}:0${open}2:40`));
  expect(asked(await probe(url), 'polling')).toMatchObject({ rule: 'protocol version' });
});

test('a redirect says where to', async () => {
  const url = await startHttpServer((_request, response) => {
    response.writeHead(308, { location: 'https://rt.example/' }).end();
  });
  const report = await probe(url);
  expect(report.outcome).toBe('not-socket.io');
  expect(report.text).toContain('https://rt.example/');
});

test('a proxy without its server is not reachable', async () => {
  const url = await startHttpServer((_request, response) => void response.writeHead(502).end('Bad Gateway'));
  const report = await probe(url);
  expect(report.outcome).toBe('unreachable');
  expect(asked(report, 'websocket')).toMatchObject({ status: 502, rule: 'HTTP 502' });
});

test('a firewall that refuses is a refusal', async () => {
  const url = await startHttpServer((_request, response) => void response.writeHead(403).end('denied'));
  const report = await probe(url);
  expect(report.outcome).toBe('refused');
  expect(asked(report, 'polling')).toMatchObject({ rule: 'HTTP 403', message: 'HTTP 403, denied' });
});

test('a closed port is named', async () => {
  const report = await probe(`http://127.0.0.1:${await freePort()}`);
  expect(report.outcome).toBe('unreachable');
  expect(report.summary).toBe('The server cannot be reached: ECONNREFUSED, by the rule port closed.');
  expect(report.attempts.map(({ code }) => code)).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
});

test('a name that does not resolve is named', async () => {
  const report = await probe('http://no-such-host.invalid:3000');
  expect(report.outcome).toBe('unreachable');
  expect(asked(report, 'websocket')).toMatchObject({
    rule: 'DNS',
    code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
  });
});

test('a server that says nothing is given up after the deadline', async () => {
  const url = await startTcpServer(() => {});
  const report = await probe(url, { timeoutMs: 200 });
  expect(report.outcome).toBe('unreachable');
  for (const transport of ['polling', 'websocket'] as const) {
    expect(asked(report, transport)).toMatchObject({ rule: 'no answer', message: 'no answer within 200ms' });
  }
});

test('something that is no web server at all is no Socket.IO server', async () => {
  const url = await startTcpServer((socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  const report = await probe(url);
  expect(['not-socket.io', 'unreachable']).toContain(report.outcome);
  expect(report.attempts.map(({ outcome }) => outcome)).not.toContain('refused');
});
