import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, tempFolder } from '../support/run-cli.ts';
import { runMain } from './run-main.ts';

const SECRET = 'the-secret-of-the-file-0123456789abcdef';

/** What a command that needs the configuration says of a folder with this file. */
async function check(name: string, text: string): Promise<string> {
  const cwd = tempFolder();
  writeFileSync(join(cwd, name), text);
  const { code, stdout, stderr } = await runMain(['token', '--user', '42'], { cwd });
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: /);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(stderr).not.toContain(SECRET);
  return stderr.replaceAll(`${cwd}/`, '');
}

describe('a broken file is named with line and column:', () => {
  test.for<[what: string, name: string, text: string, message: RegExp]>([
    [
      'JSON without an end',
      'rtserver.config.json',
      '{\n  "port": 1,\n',
      /rtserver\.config\.json is not valid JSON: line 3, column 1: .*too early/,
    ],
    [
      'a comma too many',
      'rtserver.config.json',
      '{\n  "port": 1,\n}',
      /line 3, column 1: expected a key in double quotes/,
    ],
    [
      'a comma too few',
      'rtserver.config.json',
      '{\n  "port": 1\n  "host": "::1"\n}',
      /line 3, column 3: expected a comma or \}/,
    ],
    ['single quotes', 'rtserver.config.json', `{\n  'port': 1 }`, /line 2, column 3: expected a key in double quotes/],
    ['an empty JSON file', 'rtserver.config.json', '', /line 1, column 1: the text ends too early/],
    [
      'YAML',
      'rtserver.config.yaml',
      `auth:\n  secret: "${SECRET}\nport: 1\n`,
      /rtserver\.config\.yaml is not valid YAML: line \d, column \d+: \S/,
    ],
    ['YAML with a tab', 'rtserver.config.yaml', 'limits:\n\tconnections: 1\n', /not valid YAML: line 2, column 1: /],
    ['YAML with a key twice', 'rtserver.config.yml', 'port: 1\nport: 2\n', /not valid YAML: line 2, column 1: /],
    [
      'TypeScript',
      'rtserver.config.ts',
      'export default {\n  port: ,\n};\n',
      /rtserver\.config\.ts cannot be loaded: .*\(?2:8\)?/s,
    ],
    [
      'JavaScript',
      'rtserver.config.mjs',
      'export default {\n  port: 1\n',
      /rtserver\.config\.mjs cannot be loaded: .*\(?3:\d\)?/s,
    ],
  ])('%s', async ([, name, text, message]) => {
    expect(await check(name, text)).toMatch(message);
  });

  test('one that throws, with what it says', async () => {
    const thrown = await check('rtserver.config.ts', `throw new Error('no database');`);
    expect(thrown).toBe('error: rtserver.config.ts cannot be loaded: no database (rtserver.config.ts:1)\n');
    const deep = await check(
      'rtserver.config.ts',
      'interface A {\n  a: 1;\n}\nfunction go(a?: A) {\n  a!.a;\n}\ngo();',
    );
    expect(deep).toMatch(/ cannot be loaded: Cannot read .* \(rtserver\.config\.ts:5\)\n$/);
    expect(await check('rtserver.config.mjs', `throw 'a text';`)).toMatch(/ cannot be loaded: it throws 'a text'\n$/);
    const missing = await check('rtserver.config.ts', `import './missing.ts';\nexport default {};`);
    expect(missing).toMatch(/^error: rtserver\.config\.ts cannot be loaded: .*missing\.ts/);
  });
});

describe('a misspelt key is named with its file and the nearest right one:', () => {
  test.for<[key: string, text: string, message: string]>([
    ['at the top', '{ "limts": {} }', 'limts is not a known key. Did you mean "limits"?'],
    [
      'below',
      '{ "limits": { "connectionPerUser": 3 } }',
      'limits.connectionPerUser is not a known key. Did you mean "connectionsPerUser"?',
    ],
    ['in another place', '{ "heartbeat": { "intervall": 3 } }', 'heartbeat.intervall is not a known key'],
    ['in no place', '{ "xyzzy": 1 }', 'xyzzy is not a known key'],
    [
      'one level too high',
      '{ "connectionsPerUser": 5 }',
      'connectionsPerUser is not a known key. Did you mean "limits.connectionsPerUser"?',
    ],
    ['of a program', '{ "module": [] }', 'module is not a known key. Did you mean "modules"?'],
  ])('%s', async ([, text, message]) => {
    expect(await check('rtserver.config.json', text)).toBe(`error: rtserver.config.json:1: ${message}\n`);
  });

  test('a password that stands one level too high is not repeated', async () => {
    const said = await check('rtserver.config.yaml', 'redis: redis://me:hidden@127.0.0.1\nauth: hidden-as-well\n');
    expect(said).toMatch(/auth must be an object.*\n.*redis must be an object/s);
    expect(said).not.toContain('hidden');
  });

  test('all of them at once, one a line', async () => {
    const said = await check('rtserver.config.yaml', 'prot: 1\nlimits:\n  conections: 3\n  connectionsPerUser: many\n');
    expect(said.trimEnd().split('\n')).toHaveLength(3);
    expect(said).toMatch(/limits\.connectionsPerUser .*got "many"/);
  });
});

describe('a bad value is named with its file, its key and what would be right:', () => {
  test.for<[text: string, message: RegExp]>([
    ['port: high', /^error: rtserver\.config\.yaml:1: port must be a whole number from 0 to 65535, got "high"\n$/],
    [
      'limits: 3',
      /^error: rtserver\.config\.yaml:1: limits must be an object with any of connectionsPerUser, .*got 3\n$/,
    ],
    ['limits:', /^error: rtserver\.config\.yaml:1: limits .*object.*got null\n$/],
    ['heartbeat: { timeout: -1 }', /heartbeat\.timeout must be a duration such as 500ms, 60s or 5m, got -1/],
    ['heartbeat: { timeout: 90d }', /heartbeat\.timeout .*2147483647.*got "90d"/],
    ['cors: { origins: https://a.example }', /cors\.origins must be a list of origins, got "https:\/\/a\.example"/],
    ['path: /rt/', /path must begin with \/ and not end with it, got "\/rt\/"/],
    ['auth: { secret: 12345678 }', /auth\.secret must be text: put it in quotes\n$/],
    [
      `auth: { secret: ${SECRET}, jwksUri: 'https://a.example' }`,
      /auth\.secret and auth\.jwksUri exclude each other: keep one of them/,
    ],
    [`auth: { previousSecret: ${SECRET} }`, /auth\.previousSecret goes with auth\.secret only/],
    [
      'auth: { jwksUri: http://a.example/keys }',
      /auth\.jwksUri must be an https URL: .*got "http:\/\/a\.example\/keys"/,
    ],
    [
      `auth: { secret: ${SECRET}, algorithms: [none] }`,
      /none does not fit auth\.secret, which allows HS256, HS384, HS512/,
    ],
    ['- port: 1', /rtserver\.config\.yaml must hold an object/],
  ])('%s', async ([text, message]) => {
    expect(await check('rtserver.config.yaml', text)).toMatch(message);
  });

  test('a flag beside a file is blamed for its own value only', async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, 'rtserver.config.json'), '{ "port": 1, "cors": { "origins": ["https://a.example"] } }');
    const flags = ['--origin', 'nowhere', '--heartbeat-timeout', 'soon'];
    const { code, stderr } = await runMain(['start', ...flags], { cwd });
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^error: --origin: cors\.origins\.0 must be/),
      expect.stringMatching(/^--heartbeat-timeout: heartbeat\.timeout must be/),
    ]);
  });

  test('a program that exports no object, and things that are no modules', async () => {
    expect(await check('rtserver.config.ts', 'export default 7;')).toMatch(/must export an object as its default/);
    for (const [text, message] of [
      ['modules: [7]', 'modules must be a list of what defineModule() gives'],
      ['modules: { name: "chat" }', 'modules must be a list of what defineModule() gives'],
      [`authenticate: 'yes'`, 'authenticate must be a function'],
      ['events: { a: 1 }', 'events must be what defineEvents() gives: the names of events, each with a schema'],
    ] as const) {
      const said = await check('rtserver.config.mjs', `export default { ${text} };`);
      expect(said).toBe(`error: rtserver.config.mjs: ${message}\n`);
    }
  });
});

describe('which file is meant is never guessed:', () => {
  test('two in one folder', async () => {
    const cwd = tempFolder();
    for (const name of ['rtserver.config.ts', 'rtserver.config.yaml']) writeFileSync(join(cwd, name), '');
    const { code, stderr } = await runCli(['start'], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: two configuration files in this folder: rtserver.config.ts and rtserver.config.yaml\nNext: keep one of them, or name it with --config.\n',
    });
  });

  test('one that is not there, a folder, or of no known kind', async () => {
    const cwd = tempFolder();
    mkdirSync(join(cwd, 'folder.json'));
    writeFileSync(join(cwd, 'rt.toml'), 'port = 1');
    const args = ['start', '--config'];
    expect(await runMain([...args, 'no.json'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--config names a file that is not there: .*\/no\.json/),
    });
    expect(await runMain([...args, 'folder.json'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--config names a folder, and no file: .*\/folder\.json/),
    });
    expect(await runMain([...args, 'rt.toml'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/must end in one of \.ts \.js/),
    });
    const env = { RTSERVER_CONFIG: 'no.json' };
    expect(await runMain(['start'], { cwd, env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/RTSERVER_CONFIG names a file/),
    });
  });
});
