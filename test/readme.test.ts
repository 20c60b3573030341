import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { readSources } from './support/architecture-rules.ts';
import { isToolMissing } from './support/external-tool.ts';
import { playDocument, playSteps } from './support/play-transcript.ts';
import { anchorsOf, commandTable, layoutOfSrc, linksOf } from './support/readme-facts.ts';
import { matchOutput, parseTranscript } from './support/transcript.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the README', () => {
  test('lists the commands that there are, with their own summaries', () => {
    expect(commandTable(readme)).toEqual(COMMANDS.map(({ name, summary }) => ({ name, summary })));
  });

  test('draws the folders that there are in src', () => {
    // Of files, because an empty folder exists on one machine only.
    const paths = [...readSources(join(root, 'src')).keys()].filter((path) => path.includes('/'));
    const folders = new Set(paths.map((path) => `${path.split('/')[0]}/`));
    const drawn = layoutOfSrc(readme);
    expect(drawn.filter((name) => name.endsWith('/')).sort()).toEqual([...folders].sort());
    for (const file of drawn) expect(existsSync(join(root, 'src', file)), `src/${file}`).toBe(true);
  });

  test('links to files that there are', () => {
    for (const { target } of linksOf(readme)) expect(existsSync(join(root, target)), target).toBe(true);
    for (const { groups } of readme.matchAll(/ src="(?<path>[^"]+)"/g)) {
      expect(existsSync(join(root, groups?.['path'] ?? '')), groups?.['path']).toBe(true);
    }
  });

  test('gives the test command that CI runs', () => {
    const lastLine = readFileSync(join(root, '.ci/run'), 'utf8').trimEnd().split('\n').at(-1) ?? '';
    expect(lastLine).toMatch(/^npm /);
    expect(readme).toContain(lastLine);
  });

  test('shows the main job in runnable blocks', () => {
    const typed = parseTranscript(readme).map(({ command }) => command ?? '');
    for (const command of ['start', 'token', 'join', 'emit']) {
      expect(typed).toContainEqual(expect.stringMatching(new RegExp(`^npx rtserver ${command}\\b`)));
    }
  });
});

describe.skipIf(isToolMissing('tmux'))('in a terminal', () => {
  test('the commands of the README do, in an empty folder, what it shows', { timeout: 180_000 }, async () => {
    await playDocument(readme);
  });

  const block = (text: string, options = '') => parseTranscript(`\`\`\`console run ${options}\n${text}\n\`\`\`\n`);

  test('a true transcript passes: two shells, a command that goes on, one that fails as it says', async () => {
    await playSteps([
      ...block('$ echo ready; until [ -e go ]; do sleep 0.02; done; echo went on\nready'),
      ...block('$ touch go\n$ seq 1 9\n1\n…\n9', 'shell=2'),
      ...block('went …'),
      ...block("$ echo 'two\n> lines'\ntwo\nlines"),
      ...block('$ (exit 3)', 'exit=3'),
      ...block('$ echo for ever; sleep 600\nfor ever'),
    ]);
  });

  test.for([
    ['other output', '$ echo 41\n42', 'expected "42"'],
    ['output that it does not show', '$ echo 41; echo 42\n41', 'expected "(the end of the output)"'],
    ['another exit code', '$ false', 'exit code 1, not 0'],
    ['no such command', '$ rtsrever', 'rtsrever: command not found'],
    ['output of nothing', 'hello', 'no command runs'],
  ] as const)('a transcript with %s fails', async ([, text, message]) => {
    await expect(playSteps(block(text))).rejects.toThrow(message);
  });
});

describe('transcripts', () => {
  test('are read from blocks marked to run, and only those', () => {
    const markdown = '```console\n$ no\n```\n```sh\nno\n```\n```console run shell=2 exit=4\n$ a\nb\n$ c\n```\n';
    expect(parseTranscript(markdown)).toEqual([
      { shell: '2', command: 'a', expected: ['b'], exitCode: 4, line: 8 },
      { shell: '2', command: 'c', expected: [], exitCode: 4, line: 10 },
    ]);
  });

  test('refuse a misspelt option', () => {
    expect(() => parseTranscript('```console run shel=2\n```')).toThrow('"shel" is neither shell= nor exit=');
  });

  test.for([
    [['a…c'], ['abc'], true],
    [['a', '…', 'z'], ['a', 'z'], true],
    [['a', '…', 'z'], ['a', 'b', 'c', 'z'], true],
    [['…', 'z'], ['a', 'z', 'b'], false],
    [['a.c'], ['abc'], false],
    [['a'], [], false],
    [[], ['a'], false],
  ] as const)('compare %j with %j', ([expected, actual, isComplete]) => {
    expect(matchOutput(expected, actual, true).isComplete).toBe(isComplete);
  });
});

describe('facts are read from a document', () => {
  test('its table of commands', () => {
    const markdown =
      '| a | b |\n| - | - |\n| `x` | no |\n\n| Command | Does |\n| --- | --- |\n| `ls a\\|b` | looks |\n\ntext';
    expect(commandTable(markdown)).toEqual([{ name: 'ls', summary: 'looks' }]);
  });

  test('its picture of the layout', () => {
    const markdown =
      '```\nbin/\nsrc/\n  index.ts  the door\n  core/     the core\n    rooms.ts  no\n  tui/ load/   two\ntest/\n  e2e/\n```';
    expect(layoutOfSrc(markdown)).toEqual(['index.ts', 'core/', 'tui/', 'load/']);
  });

  test('its links', () => {
    expect(linksOf('[a](docs/a.md#x) [b](https://b) [c](#c) [d](d.md)')).toEqual([
      { target: 'docs/a.md', fragment: 'x' },
      { target: '', fragment: 'c' },
      { target: 'd.md' },
    ]);
    expect(anchorsOf('# A `b/c` d\n```\n# no\n```\n## E')).toEqual(['a-bc-d', 'e']);
  });
});
