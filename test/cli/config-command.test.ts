import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderStarter } from '../../src/cli/starter-file.ts';
import { SETTING_KEYS } from '../../src/settings.ts';
import { createConfigSchema, listSettingReferences } from '../../src/settings-reference.ts';
import { settingsSchema } from '../../src/settings-schema.ts';
import { createFolder } from './place.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';

interface Shown {
  file: string | null;
  settings: { key: string; value: unknown; from: string; source?: string }[];
}

test('config shows each setting with its value and where it came from, and no secret', async () => {
  const folder = createFolder();
  const file = folder.write('rtserver.config.yaml', 'limits:\n  roomsPerSocket: 12\nauth:\n  secret: env:MINE\n');
  const env = { MINE: SECRET, RTSERVER_AUTH_PREVIOUS_SECRET: 'another-secret', RTSERVER_HEARTBEAT_TIMEOUT: '90s' };
  const { code, stdout } = await folder.run(['config', '--json', '--port', '0'], { env });
  expect(code).toBe(0);
  expect(stdout).not.toContain(SECRET);
  expect(stdout).not.toContain('another-secret');
  const shown = JSON.parse(stdout) as Shown;
  expect(shown.file).toBe(file);
  expect(shown.settings.map(({ key }) => key)).toEqual(SETTING_KEYS);
  for (const expected of [
    { key: 'port', value: 0, from: 'flag', source: '--port' },
    { key: 'heartbeat.timeout', value: 90_000, from: 'environment', source: 'RTSERVER_HEARTBEAT_TIMEOUT' },
    { key: 'limits.roomsPerSocket', value: 12, from: 'file', source: file },
    { key: 'limits.connectionsPerUser', value: 3, from: 'default' },
    { key: 'limits.connections', value: null, from: 'default' },
    { key: 'auth.secret', value: '(hidden)', from: 'file', source: `auth.secret in ${file} (env:MINE)` },
    { key: 'auth.previousSecret', value: '(hidden)', from: 'environment', source: 'RTSERVER_AUTH_PREVIOUS_SECRET' },
  ])
    expect(shown.settings).toContainEqual(expected);
});

test('config prints a table for people, and what only the file of a program says', async () => {
  const folder = createFolder();
  folder.write(
    'rtserver.config.ts',
    `import { defineConfig, defineModule } from 'rtserver';
     export default defineConfig({ modules: [defineModule({ name: 'chat' })], authenticate: () => ({ userId: '1' }) });`,
  );
  const { stdout, stderr } = await folder.run(['config', '--heartbeat-timeout', '2m']);
  expect(stdout).toMatch(/^SETTING +VALUE +FROM\n/);
  expect(stdout).toMatch(/^heartbeat\.timeout +2m +flag \(--heartbeat-timeout\)$/m);
  expect(stdout).toMatch(/^cors\.origins +any loopback origin +default$/m);
  expect(stdout).toMatch(/^modules +chat +file$/m);
  expect(stdout).toMatch(/^authenticate +a function +file$/m);
  expect(stderr).toContain('configuration file: ');
});

test('config refuses what start would refuse, and a word that it does not know', async () => {
  const folder = createFolder();
  const bad = await folder.run(['config'], { env: { RTSERVER_PORT: 'many' } });
  expect(bad).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('RTSERVER_PORT: port') });
  const misspelt = await folder.run(['config', 'inti']);
  expect(misspelt).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean "init"?') });
});

describe('config init', () => {
  test.for(['ts', 'js', 'yaml', 'json'])('writes a starter that is taken as it is: %s', async (format) => {
    const folder = createFolder();
    const { code, stdout } = await folder.run(['config', 'init', '--format', format]);
    const path = `${folder.cwd}/rtserver.config.${format}`;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${path}\n` });
    const shown = JSON.parse((await folder.run(['config', '--json'])).stdout) as Shown;
    expect(shown.file).toBe(path);
    expect(new Set(shown.settings.map(({ from }) => from))).toEqual(new Set(['default']));
  });

  test('never overwrites a file, nor adds a second one', async () => {
    const folder = createFolder();
    folder.write('rtserver.config.mjs', 'export default {};');
    const { code, stdout, stderr } = await folder.run(['config', 'init', '--format', 'yaml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('rtserver.config.mjs');
    expect(readdirSync(folder.cwd)).toEqual(['rtserver.config.mjs']);
  });

  test('shows every key, each with a value that is taken', () => {
    const text = renderStarter('yaml', listSettingReferences());
    const live = text
      .split('\n')
      .filter((line) => /^# *\w+:/.test(line) && !line.includes('$schema'))
      .map((line) => line.slice(2));
    const settings = parse(live.join('\n')) as object;
    expect(keysOf(settings)).toEqual(SETTING_KEYS);
    expect(settingsSchema.safeParse(settings)).toMatchObject({ success: true });
  });
});

test('the schema for editors has every key, explained', () => {
  interface Node {
    properties?: Record<string, Node>;
    description?: string;
  }
  const nodes = (node: Node, prefix = ''): [string, Node][] =>
    node.properties === undefined
      ? [[prefix, node]]
      : Object.entries(node.properties).flatMap(([key, each]) => nodes(each, prefix === '' ? key : `${prefix}.${key}`));
  const found = nodes(createConfigSchema() as Node).filter(([key]) => key !== '$schema');
  expect(found.map(([key]) => key)).toEqual(SETTING_KEYS);
  expect(found.filter(([, { description }]) => !description)).toEqual([]);
});

function keysOf(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? keysOf(value, `${prefix}${key}.`)
      : [prefix + key],
  );
}
