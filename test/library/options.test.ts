import { describe, expect, test } from 'vitest';
import { createRealtimeServer, type RealtimeServerOptions, type RtError } from '../../src/index.ts';
import { resolveSettings, SETTING_KEYS } from '../../src/settings.ts';
import { SETTING_TEXTS } from '../../src/settings-texts.ts';
import { startServer } from '../support/start-server.ts';

const SECRET = 'x'.repeat(32);

/** The message of the refusal; what gets through is a failure of the test. */
async function refusalOf(options: object): Promise<{ message: string; code: string }> {
  const start = createRealtimeServer({ port: 0, ...options } as RealtimeServerOptions);
  const error: RtError = await start.then(
    async (server) => {
      await server.close();
      throw new Error('it started');
    },
    (reason: RtError) => reason,
  );
  return { message: error.message, code: error.code };
}

test.each([
  [{ auth: { secret: SECRET }, limts: {} }, /limts is not a known key. Did you mean "limits"\?/],
  [
    { auth: { secret: SECRET }, limits: { conectionsPerUser: 4 } },
    /limits\.conectionsPerUser is not a known key. Did you mean "connectionsPerUser"\?/,
  ],
  [{ auth: { secret: SECRET }, limits: { connectionsPerUser: 0 } }, /limits\.connectionsPerUser .*, got 0/],
  [{ auth: { secret: SECRET }, limits: { connectionsPerUser: 2.5 } }, /limits\.connectionsPerUser .*, got 2\.5/],
  [{ auth: { secret: SECRET }, heartbeat: { timeout: 'soon' } }, /heartbeat\.timeout must be a duration.*"soon"/],
  [{ auth: { secret: SECRET }, limits: { payloadBytes: '1 acre' } }, /limits\.payloadBytes must be a size.*"1 acre"/],
  [{ auth: { secret: SECRET }, cors: { origins: ['https://app.example/path'] } }, /cors\.origins\.0 must be an origin/],
  [{ auth: { secret: SECRET }, cors: { origins: ['https://münchen.example'] } }, /xn--/],
  [{ auth: { secret: SECRET }, path: '/api' }, /path must leave the HTTP API alone/],
  [{ auth: { secret: SECRET }, path: '/healthz/x' }, /path must leave the HTTP API alone/],
  [{ auth: { secret: SECRET }, trustProxy: ['nonsense'] }, /trustProxy \["nonsense"\]/],
  [{ auth: {} }, /auth\.secret is missing/],
  [{ auth: { secret: SECRET, publicKey: 'x' } }, /auth\.secret and auth\.publicKey exclude each other/],
  [{ auth: { publicKey: 'no key' } }, /not a public key in PEM form/],
  [
    { auth: { previousSecret: SECRET, jwksUri: 'https://x.example' } },
    /auth\.previousSecret goes with auth\.secret only/,
  ],
  [{ auth: { jwksUri: 'http://keys.example/jwks' } }, /auth\.jwksUri must be an https URL/],
  [{ auth: { secret: SECRET, algorithms: ['none'] } }, /none does not fit auth\.secret/],
  [{ auth: { secret: SECRET, algorithms: ['RS256'] } }, /RS256 does not fit auth\.secret/],
  [{ auth: { secret: 'short' }, host: '0.0.0.0' }, /auth\.secret must have at least 32 bytes/],
  [{ auth: { secret: SECRET }, tls: { cert: '/nowhere.pem' } }, /tls\.key is missing/],
])('refuses %j in one line that says what would be right', async (options, message) => {
  const refusal = await refusalOf(options);
  expect(refusal).toEqual({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) });
  expect(refusal.message).not.toContain('\n');
});

test('never repeats a secret in a refusal', async () => {
  const { message } = await refusalOf({ host: '0.0.0.0', auth: { secret: 'hunter2' } });
  expect(message).not.toContain('hunter2');
});

test('leaves nothing behind when it refuses: another server may start', async () => {
  await refusalOf({ auth: { secret: SECRET }, modules: [{ name: 'm', handlers: { ping: () => ({}) } }] });
  expect((await startServer()).url).toMatch(/^http:/);
});

describe('durations and sizes', () => {
  test.each([
    ['60s', 60_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    [250, 250],
    ['250', 250],
  ])('%j is %d ms', (timeout, ms) => {
    expect(resolveSettings({ heartbeat: { timeout } }).heartbeat.timeout).toBe(ms);
  });

  test.each([
    ['100kB', 100_000],
    ['1MiB', 1_048_576],
    [4_096, 4_096],
  ])('%j is %d bytes', (payloadBytes, bytes) => {
    expect(resolveSettings({ limits: { payloadBytes } }).limits.payloadBytes).toBe(bytes);
  });
});

test('has the defaults of the contract', () => {
  expect(resolveSettings({})).toMatchObject({
    ...{ host: '127.0.0.1', port: 3_000, path: '/socket.io' },
    limits: {
      ...{ connectionsPerUser: 3, onExceeded: 'reject', roomsPerSocket: 100, eventsPerSecond: 100 },
      ...{ payloadBytes: 100_000, bufferedBytes: 1_048_576, connectTimeout: 10_000 },
    },
    heartbeat: { timeout: 60_000, source: 'ping' },
    ack: { timeout: 5_000 },
    engine: { pingInterval: 25_000, pingTimeout: 20_000, transports: ['websocket', 'polling'] },
    shutdown: { timeout: 10_000, spread: 2_000 },
    log: { level: 'info' },
  });
});

test('every key is explained, and nothing else', () => {
  expect(Object.keys(SETTING_TEXTS).sort()).toEqual([...SETTING_KEYS].sort());
});
