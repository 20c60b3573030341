import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { createFolder } from './place.ts';
import { runMain } from './run-main.ts';

const run = promisify(execFile);
const scriptFor = async (shell: string) => (await runMain(['completion', shell])).stdout;

/** What a real bash offers for the last word of a line. */
async function complete(line: string): Promise<string[]> {
  const words = line.split(' ');
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _rtserver; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await run('bash', ['--norc', '--noprofile', '-c', `${await scriptFor('bash')}\n${ask}`]);
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

test('bash offers the commands there are', async () => {
  const offered = await complete('rtserver ');
  expect(offered.filter((word) => !word.startsWith('-'))).toEqual(COMMANDS.map(({ name }) => name));
});

test.for([
  ['rtserver to', ['token', 'top']],
  ['rtserver token ver', ['verify']],
  ['rtserver token verify --js', ['--json']],
  ['rtserver start --heartbeat-', ['--heartbeat-timeout', '--heartbeat-source']],
  ['rtserver start --log-level d', ['debug']],
  ['rtserver start --heartbeat-source ', ['ping', 'any']],
  ['rtserver load fan', ['fanout']],
  ['rtserver start --port 0 --log-format ', ['pretty', 'json']],
  ['rtserver config init --format ', ['ts', 'js', 'yaml', 'json']],
  ['rtserver ls ', expect.arrayContaining(['sockets', 'rooms', 'users', 'refusals', 'events'])],
  ['rtserver join lobby --us', ['--user']],
  // What follows is a name that only the person knows, or a file, which the shell completes itself.
  ['rtserver join lobby --user ', []],
  ['rtserver start --config ', []],
] as const)('bash completes "%s" to %j', async ([line, words]) => {
  expect(await complete(line)).toEqual(words);
});

test.for(['zsh', 'fish'])(
  'the script for %s names every command and flag that the one for bash does',
  async (shell) => {
    const script = await scriptFor(shell);
    for (const { name, summary } of COMMANDS)
      expect(script).toContain(shell === 'zsh' ? `${name}:${summary}` : `-a ${name} -d '${summary}'`);
    const dashes = shell === 'zsh' ? '--' : '-l ';
    for (const [, flag] of (await scriptFor('bash')).matchAll(/ --([a-z-]+)/g))
      expect(script).toContain(`${dashes}${flag}`);
  },
);

test('a shell that there is none of is a usage error', async () => {
  expect(await createFolder().run(['completion', 'bsh'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Did you mean "bash"?'),
  });
});

test('bash completes in a project that has the package, once its start-up file holds what the help shows', async () => {
  const { stdout: help } = await runMain(['completion', '--help']);
  const line = /echo '(?<line>rtserver\(\).*)' >>/.exec(help)?.groups?.['line'] ?? '';
  // The function and the completions do not get into each other's way, and it hands on every word as it is.
  const script = `${await scriptFor('bash')}\n${line}\nnpx() { printf '%s|' "$@"; }\ncomplete -p rtserver\nrtserver emit 'a b'`;
  const { stdout } = await run('bash', ['--norc', '--noprofile', '-c', script]);
  expect(stdout).toMatch(/^complete .*-F _rtserver.* rtserver\nrtserver\|emit\|a b\|$/);
});
