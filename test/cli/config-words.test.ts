import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { variableOf } from '../../src/cli/environment.ts';
import { setAt } from '../../src/cli/settings-tree.ts';
import { SETTING_KEYS } from '../../src/settings.ts';
import { runCli, tempFolder } from '../support/run-cli.ts';
import { runMain } from './run-main.ts';

interface Situation {
  files?: Record<string, string>;
  env?: Record<string, string>;
}

/** What a command says on stderr in a folder with these files, without the path of the folder. */
async function said(args: readonly string[], { files = {}, env = {} }: Situation = {}) {
  const cwd = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const { code, stdout, stderr } = await runMain(args, { cwd, env });
  const lines = stderr.replaceAll(`${cwd}/`, '').replaceAll(cwd, '.').trimEnd().split('\n');
  return { code, stdout, lines };
}

describe('whatever a setting is set to, it is refused in our words:', () => {
  const WORDS_OF_ZOD = /invalid|expected|received|too (?:small|big)|unrecognized|nan\b/i;

  test.for([{}, [], null, 7.5, -1, true, 'nonsense', '', [{}], [7]])('%j', async (value) => {
    const input: Record<string, unknown> = {};
    for (const key of SETTING_KEYS) setAt(input, key, value);
    const { code, lines } = await said(['config'], {
      files: { 'rtserver.config.json': JSON.stringify(input, null, 1) },
    });
    expect(code).toBe(2);
    for (const line of lines)
      expect(line).toMatch(/^(?:error: )?(?:rtserver\.config\.json:\d+(?: and )?)+: [\w.]+ (?:must|and|goes|is) /);
    expect(lines.filter((line) => WORDS_OF_ZOD.test(line))).toEqual([]);
    const wrong = SETTING_KEYS.filter((key) => lines.some((line) => line.includes(`: ${key} must `)));
    if (value !== null && JSON.stringify(value) === '{}') expect(wrong).toEqual(SETTING_KEYS);
  });

  test('a section, and a word that is nearly right', async () => {
    const sections = [...new Set(SETTING_KEYS.flatMap((key) => (key.includes('.') ? [key.split('.')[0] ?? ''] : [])))];
    const files = { 'rtserver.config.yaml': sections.map((name) => `${name}: 5`).join('\n') };
    const { lines } = await said(['config'], { files });
    expect(lines.map((line) => line.split(', ')[0])).toEqual(
      sections.map((name) => expect.stringMatching(`: ${name} must be an object with any of \\w+$`)),
    );
    const { lines: near } = await said(['config', '--log-level', 'wran']);
    expect(near).toEqual([expect.stringMatching(/^error: --log-level: .*silent, got "wran"\. Did you mean "warn"\?$/)]);
  });
});

describe('a duration that is a bare number is milliseconds:', () => {
  test.for<[place: string, args: string[], situation: Situation]>([
    ['--heartbeat-timeout', ['--heartbeat-timeout', '5'], {}],
    ['RTSERVER_HEARTBEAT_TIMEOUT', [], { env: { RTSERVER_HEARTBEAT_TIMEOUT: '5' } }],
    ['rtserver.config.yaml:2', [], { files: { 'rtserver.config.yaml': 'heartbeat:\n  timeout: 5\n' } }],
  ])('a warning names %s', async ([place, args, situation]) => {
    const { code, lines } = await said(['config', ...args], situation);
    expect({ code, line: lines[0] }).toEqual({
      code: 0,
      line: `warning: ${place}: heartbeat.timeout is 5 ms, since a number without a unit is milliseconds; say 5s if that is what you mean`,
    });
  });

  test.for(['5s', '500ms', '1000'])('not for %s', async (text) => {
    expect((await said(['config', '--heartbeat-timeout', text])).lines).toEqual(['no configuration file']);
  });

  test('a refusal says so too', async () => {
    const { lines } = await said(['start', '--heartbeat-timeout', '0']);
    expect(lines).toEqual([
      expect.stringMatching(/, got "0"\. A number without a unit is milliseconds, and 5s is five/),
    ]);
  });
});

describe('a mistake is blamed on whoever made it:', () => {
  const file = { 'rtserver.config.yaml': 'port: 1\n' };
  test.for<[args: string[], situation: Situation, line: RegExp]>([
    [['--tls-cert', 'x.pem'], { files: file }, /^error: --tls-cert: tls\.key is missing/],
    [[], { files: file, env: { RTSERVER_TLS_KEY: 'x.pem' } }, /^error: RTSERVER_TLS_KEY: tls\.cert is missing/],
    [
      ['--secret', 'short'],
      { files: { 'rtserver.config.yaml': 'port: 1\nhost: 0.0.0.0\n' } },
      /^error: --secret and rtserver\.config\.yaml:2: auth\.secret must have at least 32 bytes/,
    ],
    [
      [],
      { files: { 'rtserver.config.yaml': 'cors:\n  origins:\n    - a.example\n' } },
      /yaml:3: cors\.origins\.0 must/,
    ],
  ])('%j %j', async ([args, situation, line]) => {
    expect(await said(['start', ...args], situation)).toMatchObject({ code: 2, lines: [expect.stringMatching(line)] });
  });

  test('also where the server finds it, and in the same form', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const key = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const cwd = tempFolder();
    writeFileSync(join(cwd, 'rt.json'), JSON.stringify({ port: 0, auth: { publicKey: key, algorithms: ['RS256'] } }));
    const start = async (...args: string[]) => (await runCli(['start', ...args], { cwd })).stderr.replaceAll(cwd, '.');
    expect(await start('--tls-cert', 'x.pem', '--tls-key', 'y.pem')).toBe(
      'error: --tls-cert: tls.cert ./x.pem cannot be read: there is no such file\n',
    );
    expect(await start('--config', 'rt.json')).toBe(
      'error: ./rt.json:1: auth.algorithms RS256 does not fit auth.publicKey, which allows EdDSA\n',
    );
  });
});

test.for<[name: string, text: string, line: RegExp]>([
  ['rtserver.config.ts', 'export const port = 1;', /^error: rtserver\.config\.ts has no default export$/],
  ['rtserver.config.mjs', 'export const port = 1;', /^error: rtserver\.config\.mjs has no default export$/],
  ['rtserver.config.js', 'export default () => ({ port: 1 });', /exports a function as its default, where an object/],
])('%s that is %j is told how to export', async ([name, text, line]) => {
  const { code, lines } = await said(['start'], { files: { [name]: text } });
  expect(code).toBe(2);
  expect(lines).toEqual([expect.stringMatching(line), expect.stringMatching(/^Next: .*export default \{/)]);
});

describe('all that is wrong is told at once:', () => {
  test('a secret that is not there, settings, variables and the parts of a program', async () => {
    const text = `export default { port: 'many', auth: { secret: 'env:NOPE' }, modules: 7 };`;
    const env = { RTSERVER_SECERT: 'x' };
    const { code, lines } = await said(['start', '--tls-cert', 'x'], { files: { 'rtserver.config.mjs': text }, env });
    expect(code).toBe(2);
    for (const part of [/NOPE is not set/, /port must/, /modules must/, /Did you mean RTSERVER_SECRET/, /tls\.key is/])
      expect(lines.filter((line) => part.test(line))).toHaveLength(1);
    expect(lines).toHaveLength(5);
  });

  test('config shows the rest, and names the variable', async () => {
    const files = { 'rtserver.config.yaml': 'host: 0.0.0.0\nauth: { secret: env:NOPE }\n' };
    const { code, stdout, lines } = await said(['config'], { files });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^host +0\.0\.0\.0 +file$/m);
    expect(stdout).toMatch(/^auth\.secret +cannot be read +file$/m);
    expect(lines.at(-1)).toMatch(/^error: auth\.secret in rtserver\.config\.yaml says env:NOPE, .* NOPE is not set$/);
  });

  test('what makes a server unsafe', async () => {
    const env = { NODE_ENV: 'production' };
    const { code, lines } = await said(['start', '--host', '0.0.0.0', '--origin', '*'], { env });
    expect(code).toBe(2);
    for (const part of [/^error: .*without a secret/, /^with .* any web page/, /^with .* unencrypted/])
      expect(lines.filter((line) => part.test(line))).toHaveLength(1);
  });
});

test.for([
  ['.', 'error: --config names a folder, and no file: .', 'Next: name the file in it: rtserver.config.json'],
  [
    '/dev/null',
    'error: --config names a device or a pipe, and no file: /dev/null',
    'Next: name a file; `rtserver config init` writes a new one.',
  ],
  [
    'nosuch.yaml',
    'error: --config names a file that is not there: nosuch.yaml',
    'Next: correct the path; `rtserver config init` writes a new file.',
  ],
] as const)('--config %s is no file', async ([path, ...lines]) => {
  const files = { 'rtserver.config.json': '{}' };
  expect(await said(['start', '--config', path], { files })).toEqual({ code: 2, stdout: '', lines });
});

describe('a message repeats no more than the beginning of a long value:', () => {
  const long = 'x'.repeat(20_000);
  test.for<[args: string[], situation?: Situation]>([
    [['start', '--log-level', long]],
    [['start', '--log-level', `${long} ${long}`]],
    [['start', '--port', `${long} ${long}`]],
    [['start', '--config', long]],
    [['start'], { env: { RTSERVER_PORT: long } }],
    [['start', '--origin', 'y', '--redis', long, '--tls-cert', long]],
    [['config', long]],
    [[long]],
  ])('%#', async ([args, situation]) => {
    const { code, lines } = await said(args, situation);
    expect(code).toBe(2);
    expect(lines.join('').length).toBeLessThan(600);
  });
});

test.for(['insecureHttp', 'cors.requireOrigin', 'fastPath'])(
  'the switch %s is 0 or 1 in the environment',
  async (key) => {
    for (const [text, value] of Object.entries({ 0: false, 1: true })) {
      const { stdout } = await said(['config', '--json'], { env: { [variableOf(key)]: text } });
      const { settings } = JSON.parse(stdout) as { settings: { key: string; value: unknown }[] };
      expect(settings).toContainEqual(expect.objectContaining({ key, value }));
    }
  },
);
