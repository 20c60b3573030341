import { describe, expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { runCli, startCliServer } from '../support/run-cli.ts';
import { runMain } from './run-main.ts';

const tokenWith = (env: Record<string, string>) => runMain(['token', '--user', '42', '--secret', 'any'], { env });

describe('the environment', () => {
  test('sets nested names, lists, switches and numbers, and an empty variable is one that is not set', async () => {
    const { url, cli } = await startCliServer([], {
      env: {
        ...{ RTSERVER_LIMITS_CONNECTIONS_PER_USER: '1', RTSERVER_HEARTBEAT_TIMEOUT: '7s', RTSERVER_HOST: '' },
        ...{ RTSERVER_CORS_ORIGINS: ' https://a.example , https://b.example', RTSERVER_CORS_REQUIRE_ORIGIN: 'true' },
        ...{
          RTSERVER_LOG_LEVEL: 'debug',
          RTSERVER_CONFIG: '',
          RTSERVER_REDIS_URL: '',
          RTSERVER_LIMITS_CONNECTIONS: '',
        },
      },
    });
    const token = (await runCli(['token', '--user', '42'], { cwd: cli.cwd })).stdout.trim();
    const extraHeaders = { origin: 'https://b.example' };
    const socket = await connectClient(url, { token, extraHeaders });
    expect(socket.ready).toMatchObject({ connectionsPerUser: 1, heartbeatTimeoutMs: 7_000 });
    expect((await expectRefusal(url, { token, extraHeaders })).data.code).toBe('MAX_CONNECTIONS_EXCEEDED');
    await expectRefusal(url, { token });
    await socket.emitWithAck('room:join', { room: 'a' });
    expect(JSON.parse(await cli.waitForLine('"room.joined"'))).toMatchObject({ level: 20 });
    expect(cli.stderr).toBe('');
  });

  test('loses to flags and wins over the file', async () => {
    const { url, cli } = await startCliServer(['--max-connections-per-user', '4'], {
      env: {
        RTSERVER_LIMITS_CONNECTIONS_PER_USER: '5',
        RTSERVER_LIMITS_ROOMS_PER_SOCKET: '1',
      },
    });
    const token = (await runCli(['token', '--user', '42'], { cwd: cli.cwd })).stdout.trim();
    const socket = await connectClient(url, { token });
    expect(socket.ready.connectionsPerUser).toBe(4);
    expect(await socket.emitWithAck('room:join', { room: 'a' })).toMatchObject({ ok: true });
    expect(await socket.emitWithAck('room:join', { room: 'b' })).toMatchObject({
      error: { code: 'ROOM_LIMIT_EXCEEDED' },
    });
  });
});

describe('a misspelt variable is exit code 2 and names the one that was meant:', () => {
  test.for([
    ['RTSERVER_LIMITS_CONECTIONS_PER_USER', 'RTSERVER_LIMITS_CONNECTIONS_PER_USER'],
    ['RTSERVER_PORTS', 'RTSERVER_PORT'],
    ['RTSERVER_SECERT', 'RTSERVER_SECRET'],
    ['RTSERVER_CONFG', 'RTSERVER_CONFIG'],
    ['RTSERVER_HEARTBEATTIMEOUT', 'RTSERVER_HEARTBEAT_TIMEOUT'],
  ] as const)('%s', async ([name, meant]) => {
    const { code, stdout, stderr } = await tokenWith({ [name]: '3' });
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: the environment variable ${name} is not a known one. Did you mean ${meant}?\n`,
    });
  });
});

test('a variable that is nobody in particular is a warning, and no hindrance', async () => {
  const { code, stdout, stderr } = await tokenWith({ RTSERVER_XYZZY_PLUGH: '1' });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "warning: the environment variable RTSERVER_XYZZY_PLUGH is not one of rtserver's\n",
  });
  expect(stdout).toMatch(/^ey/);
});

describe('a bad value is one line with the variable, the key and what would be right:', () => {
  test.for([
    ['RTSERVER_PORT', 'http', /^error: RTSERVER_PORT: port .*number.*got "http"\n$/],
    [
      'RTSERVER_LIMITS_CONNECTIONS_PER_USER',
      '0',
      /^error: RTSERVER_LIMITS_CONNECTIONS_PER_USER: limits\.connectionsPerUser .*got 0\n$/,
    ],
    [
      'RTSERVER_HEARTBEAT_TIMEOUT',
      '1 week',
      /^error: RTSERVER_HEARTBEAT_TIMEOUT: heartbeat\.timeout must be a duration such as .*got "1 week"\n$/,
    ],
    [
      'RTSERVER_LIMITS_PAYLOAD_BYTES',
      '1XB',
      /: limits\.payloadBytes must be a size such as 100kB or 1MiB, got "1XB"\n$/,
    ],
    ['RTSERVER_CORS_REQUIRE_ORIGIN', 'yes', /^error: RTSERVER_CORS_REQUIRE_ORIGIN: cors\.requireOrigin .*got "yes"\n$/],
    [
      'RTSERVER_CORS_ORIGINS',
      'https://a.example,nowhere',
      /^error: RTSERVER_CORS_ORIGINS: cors\.origins\.1 must be an origin .*got "nowhere"\n$/,
    ],
    [
      'RTSERVER_ENGINE_TRANSPORTS',
      'websocket,carrier-pigeon',
      /^error: RTSERVER_ENGINE_TRANSPORTS: engine\.transports\.1 .*got "carrier-pigeon"\n$/,
    ],
    ['RTSERVER_AUTH_JWKS_URI', 'ftp://a.example', /auth\.jwksUri must be an http or https URL/],
  ] as const)('%s=%s', async ([name, value, message]) => {
    const { code, stderr } = await tokenWith({ [name]: value });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('in a Kubernetes namespace with a service named rtserver', () => {
  const SERVICE = {
    RTSERVER_SERVICE_HOST: '10.0.0.1',
    RTSERVER_SERVICE_PORT: '3000',
    RTSERVER_PORT_3000_TCP: 'tcp://10.0.0.1:3000',
    RTSERVER_PORT_3000_TCP_ADDR: '10.0.0.1',
  };

  test('what is no setting is a warning', async () => {
    const { code, stderr } = await tokenWith(SERVICE);
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n')).toEqual(
      Object.keys(SERVICE).map((name) => `warning: the environment variable ${name} is not one of rtserver's`),
    );
  });

  test('RTSERVER_PORT=tcp://… is refused with what to set in the pod', async () => {
    const { code, stderr } = await runCli(['start'], { env: { ...SERVICE, RTSERVER_PORT: 'tcp://10.0.0.1:3000' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: RTSERVER_PORT: port .*got "tcp:\/\/10\.0\.0\.1:3000"\nKubernetes .*enableServiceLinks: false/m,
    );
  });
});
