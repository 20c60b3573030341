import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { runCli, startCliServer } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';
import { startHttpServer, startStockServer } from '../wire/stock-server.ts';
import { makeSelfSigned, startStrippingProxy } from './probe-peers.ts';

const APP = 'https://app.example';

test('ends with 0 and one table where everything asked for passes', async () => {
  const { url, token } = await startServer({ cors: { origins: [APP] } });
  const secret = token('42');
  const { code, stdout, stderr } = await runCli(['probe', url, '--origin', APP, '--token', secret]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^TRANSPORT +ORIGIN +TOKEN +RESULT +RULE +NOTE$/m);
  expect(stdout).toMatch(/^polling +https:\/\/app\.example +sent +passed as user 42$/m);
  expect(stdout).toMatch(/^upgrade +https:\/\/app\.example +sent +passed$/m);
  expect(stdout).toMatch(/^websocket +none +none +refused UNAUTHENTICATED +auth: token required +\d$/m);
  expect(stdout).toMatch(/^It connects, over WebSocket and over polling\.$/m);
  expect(stdout).not.toContain(secret);
});

test('ends with 4 where it is refused, and says by what and what to change', async () => {
  const { url } = await startCliServer();
  const { code, stdout } = await runCli(['probe', url, '--origin', APP]);
  expect(code).toBe(4);
  expect(stdout).toMatch(/^websocket +https:\/\/app\.example +none +refused ORIGIN_NOT_ALLOWED +cors\.origins +1$/m);
  expect(stdout).toContain(`What to change: Add it to the server: rtserver start --origin ${APP}`);
});

test('prints one object with every attempt for --json', async () => {
  const { url, token } = await startServer();
  const secret = token('42', { expiresInMs: -60_000 });
  const { code, stdout } = await runCli(['probe', url, '--token', secret, '--json']);
  expect(code).toBe(4);
  expect(stdout).not.toContain(secret);
  expect(stdout.trimEnd()).not.toContain('\n');
  const report = JSON.parse(stdout) as { outcome: string; attempts: object[] };
  expect(report).toMatchObject({ url, path: '/socket.io', namespace: '/', outcome: 'refused' });
  expect(report.attempts[0]).toMatchObject({
    transport: 'polling',
    origin: null,
    token: true,
    outcome: 'refused',
    code: 'TOKEN_EXPIRED',
    message: 'Token expired',
    rule: 'auth: expiry',
    advice: expect.stringContaining('rtserver token --user 42'),
  });
});

test('ends with 4 behind a proxy that drops the Upgrade header', async () => {
  const { url } = await startStockServer();
  const { code, stdout } = await runCli(['probe', await startStrippingProxy(url)]);
  expect(code).toBe(4);
  expect(stdout).toMatch(/^polling +none +none +passed$/m);
  expect(stdout).toMatch(/^websocket +none +none +refused HTTP 400 +Upgrade header +1$/m);
});

test('ends with 3 where nobody listens, or something else does', async () => {
  const closed = await runCli(['probe', `http://127.0.0.1:${await freePort()}`]);
  expect(closed.code).toBe(3);
  expect(closed.stdout).toContain('port closed');
  const other = await startHttpServer((_request, response) => void response.writeHead(404).end());
  expect((await runCli(['probe', other, '--json'])).code).toBe(3);
});

test('ends with 3 for a certificate that is not to be trusted, and goes on with --insecure', async () => {
  const { url } = await startStockServer({ tls: makeSelfSigned() });
  const refused = await runCli(['probe', url]);
  expect(refused.code).toBe(3);
  expect(refused.stdout).toContain('--insecure');
  const { code, stderr } = await runCli(['probe', url, '--insecure']);
  expect(code).toBe(0);
  expect(stderr).toBe('');
});

test('shows what a server says without obeying it', async () => {
  const { url, io } = await startStockServer();
  io.use((_socket, next) => next(new Error('\u001b[2Jgone')));
  const { stdout } = await runCli(['probe', url]);
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toContain('\\u{1b}[2Jgone');
});

test.for([
  [['probe'], "missing required argument 'url'"],
  [['probe', 'nonsense'], 'It must be a URL'],
  [['probe', 'http://127.0.0.1:1', '--timeout', 'soon'], 'It must be a duration'],
  [['probe', 'http://127.0.0.1:1', '--origin', 'two words'], 'It must be an origin'],
] as const)('refuses what it cannot use: %j', async ([args, message]) => {
  const { code, stderr } = await runCli(args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('has a help with examples and exit codes', async () => {
  const { code, stdout } = await runCli(['probe', '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('rtserver probe https://rt.example --origin https://app.example --token "$TOKEN"');
  expect(stdout).toContain('Exit codes');
});
