import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BIN, runCli } from '../support/run-cli.ts';
import { createFolder } from './place.ts';

const COMMANDS = ['start', 'token', 'join', 'emit', 'ls', 'kick', 'session', 'config', 'completion'];

test.for([[[]], [['--help']], [['help']], [['-h']]])('%j prints the commands to stdout', async ([args = []]) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ +${command} `, 'm'));
});

test.for([...COMMANDS, 'token verify', 'session create', 'session revoke', 'config init'])(
  '`%s --help` has examples that begin with the command',
  async (command) => {
    const { code, stdout, stderr } = await runCli([...command.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const examples = stdout.split('Examples:\n')[1]?.split('\n').filter(Boolean) ?? [];
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.join('\n')).toContain(`rtserver ${command}`);
    expect(stdout).not.toMatch(/^ {2}help /m);
    for (const flag of ['-q, --quiet', '-v, --verbose']) expect(stdout).toContain(flag);
  },
);

test('`help COMMAND` is `COMMAND --help`', async () => {
  expect((await runCli(['help', 'join'])).stdout).toBe((await runCli(['join', '--help'])).stdout);
});

test('--version prints the version of the package', async () => {
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

describe('a misspelt word is a usage error that names the nearest one', () => {
  test.for([
    [['jion'], 'join'],
    [['help', 'jion'], 'join'],
    [['token', '--usr', '42'], '--user'],
    [['token', 'verfy', 'x'], 'verify'],
    [['session', 'creat'], 'create'],
    [['ls', 'socket'], 'sockets'],
    [['join', 'lobby', '--user', '42', '--cuont', '1'], '--count'],
    [['start', '--prot', '0'], '--port'],
  ] as const)('%j: %s', async ([args, meant]) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`Did you mean "?${meant}"?\\?`));
    expect(stderr).toContain('Try: rtserver');
  });
});

test.for([
  [['join', 'lobby', '--user', '42', '--count', 'many'], '--count'],
  [['join', 'lobby', '--user', '42', '--count', '0'], '--count'],
  [['join', 'two words', '--user', '42'], 'two words'],
  [['join', 'lobby', '--user', ''], '--user'],
  [['join', 'lobby', '--user', 'x'.repeat(129)], '--user'],
  [['join', 'lobby', '--user', '42', '--duration', '3 weeks'], '--duration'],
  [['start', '--port', '65536'], '--port'],
  [['start', '--port', '-1'], '--port'],
  [['ls', 'sockets', '--url', 'localhost:3000'], '--url'],
  [['ls', 'sockets', '--limit', '1e3'], '--limit'],
  [['token', '--user', '42', '--expires-in', '0s'], '--expires-in'],
] as const)('a value that makes no sense is a usage error that names its flag: %j', async ([args, flag]) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(flag);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('a stack trace is shown to whoever sets DEBUG=rtserver, and to nobody else', async () => {
  const folder = createFolder();
  const quiet = await folder.run(['ls', 'sockets', '--url', 'http://127.0.0.1:1']);
  expect(quiet.code).toBe(3);
  expect(quiet.stderr).not.toMatch(/^\s+at /m);
  const loud = await folder.run(['ls', 'sockets', '--url', 'http://127.0.0.1:1'], { env: { DEBUG: 'rtserver' } });
  expect(loud.stderr).toMatch(/^\s+at /m);
});

test('a reader that has gone away is no error', async () => {
  const child = spawn(process.execPath, [BIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += String(text);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('a flag means the same in every command: it takes the same kind of value everywhere', async () => {
  const reference = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  const kinds = new Map<string, Set<string>>();
  for (const { groups } of reference.matchAll(
    /^ {2}(?:-\w, )?(?<flag>--[a-z-]+)(?: (?<kind><[^>]+>))? {2,}(?!RTSERVER_)(?=\S)/gm,
  )) {
    const { flag = '', kind = 'none' } = groups ?? {};
    kinds.set(flag, (kinds.get(flag) ?? new Set()).add(kind));
  }
  expect(kinds.size).toBeGreaterThan(40);
  // `token --room` gives a pattern of names, as the contract has it.
  kinds.get('--room')?.delete('<pattern>');
  expect([...kinds].filter(([, found]) => found.size > 1)).toEqual([]);
});
