import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isToolMissing } from '../support/external-tool.ts';
import { freePort } from '../support/free-port.ts';
import { BIN } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { openCli, openTerminal } from '../support/terminal.ts';
import { startPlace } from './place.ts';

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe.skipIf(isToolMissing('tmux'))('a recording', () => {
  test('can be played by others, and is read by its owner alone', async () => {
    const { cwd, top } = await startPlace();
    const file = join(cwd, 'top.cast');
    const screen = await top('--record', file);
    await screen.waitFor(/● live/);
    await screen.press('q');
    expect(await screen.exitCode()).toBe(0);
    const [head, ...events] = linesOf(file);
    expect(head).toMatchObject({ version: 2, width: 100, height: 24 });
    expect(events.every(([at, kind, data]) => at >= 0 && kind === 'o' && typeof data === 'string')).toBe(true);
    expect(events.map(([, , data]) => data).join('')).toContain('rtserver ');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('overwrites a file only where that is asked for', async () => {
    const { cwd, top } = await startPlace();
    const file = join(cwd, 'top.cast');
    writeFileSync(file, 'precious '.repeat(10_000));
    chmodSync(file, 0o644);
    const refused = await top('--record', file);
    expect(await refused.exitCode()).toBe(2);
    expect(await refused.history()).toMatch(/--record names a file that exists: .*\nNext: .* --force/);
    expect(readFileSync(file, 'utf8')).toMatch(/^precious /);
    const screen = await top('--record', file, '--force');
    await screen.waitFor(/● live/);
    await screen.press('q');
    expect(await screen.exitCode()).toBe(0);
    expect(linesOf(file)[0]).toMatchObject({ version: 2 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.for([
    [
      'a folder that is not there',
      (cwd: string) => join(cwd, 'no-such-folder/top.cast'),
      /cannot be written: its folder is not there/,
    ],
    ['a pipe that nobody reads', makePipe, /names something that is no file: /],
    ['its own terminal', () => '/dev/tty', /cannot be written: it is a terminal/],
  ] as const)('into %s is refused before there is anything to record', async ([, make, message]) => {
    const { cwd, top } = await startPlace();
    const screen = await top('--record', make(cwd));
    expect(await screen.exitCode()).toBe(2);
    expect(await screen.history()).toMatch(message);
  });

  test('leaves no file where there was no server to look at, and one that was there as it was', async () => {
    const cwd = tempFolder();
    const file = join(cwd, 'top.cast');
    const args = ['top', '--record', file, '--token', 'x', '--url', `http://127.0.0.1:${await freePort()}`];
    const screen = await openCli(args, { cwd });
    expect(await screen.exitCode()).toBe(3);
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'precious');
    const forced = await openCli([...args, '--force'], { cwd });
    expect(await forced.exitCode()).toBe(3);
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  test.for([
    ['q', 70],
    ['C-c', 130],
  ] as const)(
    'that a full disk ends is said at once; the dashboard goes on, and its end by %s says so again',
    async ([key, code]) => {
      const { connect, top } = await startPlace();
      const screen = await top('--record', '/dev/full', '--view', 'users');
      await screen.waitFor(/not recording any more: ENOSPC/);
      await connect('alice');
      await screen.waitFor(/› alice/);
      await screen.press(key);
      expect(await screen.exitCode()).toBe(code);
      expect(await screen.history()).toMatch(
        /error: the recording broke off: \/dev\/full cannot be written \(the disk is full/,
      );
    },
  );

  test('that breaks off in the middle can be played up to there', async () => {
    const { cwd } = await startPlace();
    const file = join(cwd, 'top.cast');
    // As far as a shell lets its programs write: one block of 1,024 or 512 bytes.
    const script = `ulimit -f 1; exec ${process.execPath} ${BIN} top --record ${file}`;
    const screen = await openTerminal(['sh', '-c', script], { cwd, columns: 100, rows: 24 });
    await screen.waitFor(/not recording any more: EFBIG/);
    await screen.waitFor(/● live/);
    await screen.press('q');
    expect(await screen.exitCode()).toBe(70);
    expect(linesOf(file)[0]).toMatchObject({ version: 2 });
  });
});

function makePipe(cwd: string): string {
  const path = join(cwd, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}
