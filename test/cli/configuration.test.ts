import { describe, expect, test } from 'vitest';
import { createFolder, startPlace } from './place.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';

/** What `start` says of a configuration that it does not take. */
async function refusal(
  files: Record<string, unknown>,
  env: Record<string, string> = {},
  flags: readonly string[] = [],
) {
  const folder = createFolder();
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  const { code, stdout, stderr } = await folder.run(['start', '--port', '0', ...flags], { env });
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr;
}

describe('is read from', () => {
  const program = 'const connectionsPerUser: number = 7;\nexport default { limits: { connectionsPerUser } };\n';
  test.for([
    ['rtserver.config.json', { limits: { connectionsPerUser: 7 } }],
    ['rtserver.config.yaml', 'limits:\n  connectionsPerUser: 7\n'],
    ['rtserver.config.yml', 'limits: { connectionsPerUser: 7 }'],
    ['rtserver.config.ts', program],
    ['rtserver.config.js', 'export default { limits: { connectionsPerUser: 7 } };'],
    ['rtserver.config.mjs', 'export default { limits: { connectionsPerUser: 7 } };'],
  ] as const)('%s', async ([name, content]) => {
    const folder = createFolder();
    folder.write(name, content);
    const place = await startPlace([], { folder });
    const { connectionsPerUser } = JSON.parse(
      (await place.run(['join', '--user', '42', '--event', 'ready', '--count', '1', '--json'])).stdout,
    ).payload;
    expect(connectionsPerUser).toBe(7);
  });
});

test('flags win over the environment, that over the file, that over the defaults', async () => {
  const folder = createFolder();
  folder.write('rtserver.config.json', {
    limits: { connectionsPerUser: 11, roomsPerSocket: 12, eventsPerSecond: 13 },
    heartbeat: { timeout: '14s' },
  });
  const env = { RTSERVER_LIMITS_CONNECTIONS_PER_USER: '21', RTSERVER_LIMITS_ROOMS_PER_SOCKET: '22' };
  const place = await startPlace(['--max-connections-per-user', '31'], { folder, env });
  const { stdout } = await place.run(['token', '--user', 'ops', '--admin']);
  const answer = await fetch(`${place.url}/api/stats`, { headers: { authorization: `Bearer ${stdout.trim()}` } });
  expect(((await answer.json()) as { limits: object }).limits).toMatchObject({
    connectionsPerUser: 31,
    roomsPerSocket: 22,
    eventsPerSecond: 13,
    heartbeatTimeoutMs: 14_000,
    payloadBytes: 100_000,
  });
});

test('a program brings events, modules and its own check, with `rtserver` to import though it is not installed there', async () => {
  const folder = createFolder();
  folder.write(
    'rtserver.config.ts',
    `import { defineEvents, defineModule, RtError, type Settings } from 'rtserver';
     const settings: Settings = { limits: { connectionsPerUser: 1 } };
     const hello = { '~standard': { version: 1, vendor: 'hand', validate: (value: unknown) =>
       typeof value === 'string' ? { value } : { issues: [{ message: 'must be text' }] } } } as const;
     export default {
       ...settings,
       events: defineEvents({ hello }),
       authenticate({ auth }: { auth: { token?: string } }) {
         if (auth.token?.startsWith('pass-')) return { userId: auth.token.slice('pass-'.length) };
         throw new RtError('FORBIDDEN', { reason: 'no pass' });
       },
     };`,
  );
  const place = await startPlace([], { folder });
  expect(JSON.parse((await place.run(['ls', 'events', '--json'])).stdout).items).toEqual([
    { event: 'hello', vendor: 'hand' },
  ]);
  const join = await place.join('--token', 'pass-42', '--count', '1', '--json');
  const wrong = await place.run(['emit', '--user', '42', '--event', 'hello', '--payload', '1', '--json']);
  expect(wrong).toMatchObject({ code: 4, stderr: expect.stringMatching(/must be text.*PAYLOAD_INVALID/s) });
  expect(await place.run(['emit', '--user', '42', '--event', 'hello', '--payload', '"hi"'])).toMatchObject({ code: 0 });
  expect(await join.exit).toMatchObject({ code: 0 });
  expect(JSON.parse(join.stdout)).toMatchObject({ event: 'hello', payload: 'hi' });
  const refused = await place.run(['join', '--token', 'nobody']);
  expect(refused).toMatchObject({ code: 4, stderr: expect.stringMatching(/no pass.*FORBIDDEN/s) });
});

describe('names the key, its place and the nearest right one for', () => {
  test('a misspelt key in a file', async () => {
    const message = await refusal({ 'rtserver.config.json': { limits: { conectionsPerUser: 3 } } });
    expect(message).toMatch(/rtserver\.config\.json:1: limits\.conectionsPerUser .*"connectionsPerUser"/);
  });

  test('a misspelt environment variable', async () => {
    const message = await refusal({}, { RTSERVER_LIMITS_CONECTIONS_PER_USER: '3' });
    expect(message).toMatch(/RTSERVER_LIMITS_CONECTIONS_PER_USER.*RTSERVER_LIMITS_CONNECTIONS_PER_USER\?/);
  });

  test('a bad value, wherever it was said', async () => {
    expect(await refusal({ 'rtserver.config.yaml': 'heartbeat:\n  timeout: soon\n' })).toMatch(
      /rtserver\.config\.yaml:2: heartbeat\.timeout .*60s.*"soon"/,
    );
    expect(await refusal({}, { RTSERVER_HEARTBEAT_TIMEOUT: 'soon' })).toMatch(/RTSERVER_HEARTBEAT_TIMEOUT: .*"soon"/);
    expect(await refusal({}, {}, ['--heartbeat-timeout', 'soon'])).toMatch(/--heartbeat-timeout: .*"soon"/);
  });

  test('a secret whose value must not be shown', async () => {
    const message = await refusal({ 'rtserver.config.json': { host: '0.0.0.0', auth: { secret: 'shorty' } } });
    expect(message).toContain('auth.secret');
    expect(message).not.toContain('shorty');
  });
});

describe('names line and column of a file that cannot be read', () => {
  test.for([
    ['rtserver.config.json', '{\n  "port": 3000,\n  "host" "x"\n}', /line 3, column 10/],
    ['rtserver.config.yaml', 'port: 3000\nhost: [\n', /line \d+, column \d+/],
  ] as const)('%s', async ([name, content, message]) => {
    expect(await refusal({ [name]: content })).toMatch(message);
  });

  test('and shows no line of it: there may be a secret on it', async () => {
    expect(await refusal({ 'rtserver.config.yaml': `auth:\n  secret: "${SECRET}\nport: 1` })).not.toContain(SECRET);
  });
});

test.for([
  [{ 'rtserver.config.ts': 'export default 3;' }, /rtserver\.config\.ts must export an object/],
  [{ 'rtserver.config.ts': "throw new Error('not today');" }, /rtserver\.config\.ts cannot be loaded: not today/],
  [{ 'rtserver.config.json': '[]' }, /rtserver\.config\.json must hold an object/],
  [{ 'rtserver.config.json': '{}', 'rtserver.config.yaml': '' }, /rtserver\.config\.json and rtserver\.config\.yaml/],
] as const)('refuses %j', async ([files, message]) => {
  expect(await refusal(files)).toMatch(message);
});

test('a file that is named and not there is an error, by flag and by variable', async () => {
  expect(await refusal({}, {}, ['--config', 'mine.json'])).toMatch(/--config.*mine\.json/);
  expect(await refusal({}, { RTSERVER_CONFIG: 'mine.json' })).toMatch(/RTSERVER_CONFIG.*mine\.json/);
});

test('an environment variable of Kubernetes is explained, and unknown ones are remarked on', async () => {
  const kubernetes = { RTSERVER_PORT: 'tcp://10.0.0.1:3000', RTSERVER_SERVICE_HOST: '10.0.0.1' };
  const folder = createFolder();
  const { code, stderr } = await folder.run(['start'], { env: kubernetes });
  expect(code).toBe(2);
  expect(stderr).toMatch(/RTSERVER_PORT.*tcp:/);
  expect(stderr).toContain('enableServiceLinks: false');

  const env = { RTSERVER_SERVICE_HOST: '10.0.0.1', RTSERVER_PORT_3000_TCP_ADDR: '10.0.0.1', RTSERVER_WHATEVER: '1' };
  const { server } = await startPlace([], { env: { ...env, RTSERVER_LOG_LEVEL: '' } });
  for (const name of Object.keys(env)) expect(server.stderr).toContain(`warning: the environment variable ${name}`);
});

test('the commands in a folder use the file that its server runs with', async () => {
  const folder = createFolder();
  folder.write('conf/mine.json', { auth: { secret: SECRET }, path: '/live' });
  const place = await startPlace(['--config', 'conf/mine.json'], { folder });
  const join = await place.join('--user', '42', '--count', '1', '--json');
  expect(await place.run(['emit', '--user', '42', '--event', 'hello'])).toMatchObject({ code: 0 });
  expect(await join.exit).toMatchObject({ code: 0 });
});
