import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Closing } from '../../src/contract/closings.ts';
import { expectRefusal } from '../support/connect.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { BIN, startCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { openCli, openTerminal, type Terminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { startPlace } from './place.ts';

/** What a program left: the screen from before, its cursor, and its exit code in the shell. */
async function openInShell(cwd: string, command: string, before = ''): Promise<Terminal> {
  const program = `${before} ${process.execPath} ${BIN} ${command}`;
  const script = `echo before; (${program.replace('$$', '$(exec sh -c "echo \\$PPID")')}); echo "left with $?"; stty -a; cat`;
  return openTerminal(['sh', '-c', script], { cwd, columns: 100, rows: 24 });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isRestored = (screen: string) =>
  /before/.test(screen) && /\bicanon\b/.test(screen) && / echo\b/.test(screen) && !/rtserver http/.test(screen);

describe.skipIf(isToolMissing('tmux'))('rtserver top in a real terminal', () => {
  test('shows rooms, sockets and users as they come and go', async () => {
    const { connect, top } = await startPlace();
    const screen = await top();
    await screen.waitFor(/No rooms yet/);
    const alice = await connect('alice');
    await alice.emitWithAck('room:join', { room: 'lobby' });
    await screen.waitFor(/› lobby +1 +1/);
    await (await connect('bob')).emitWithAck('room:join', { room: 'lobby' });
    await screen.waitFor(/› lobby +2 +2/);
    await screen.press('2');
    await screen.waitFor(/lobby/);
    await screen.waitFor((text) => text.includes('alice') && text.includes('bob'));
    alice.disconnect();
    await screen.waitFor((text) => text.includes('bob') && !text.includes('alice'));
    await screen.press('3');
    await screen.waitFor(/› bob +█+▋? +1 of 3/);
    await screen.press('q');
    expect(await screen.exitCode()).toBe(0);
  });

  test('a key that comes before the dashboard can read it is not lost, and does not show', async () => {
    const { connect, top } = await startPlace();
    await connect('alice');
    const screen = await top();
    await screen.waitFor(/connecting|● live/);
    await screen.type('3');
    const text = await screen.waitFor(/\[3 Users\][\s\S]*› alice/);
    expect(text).toMatch(/^rtserver http/);
    await screen.press('C-c');
    expect(await screen.exitCode()).toBe(130);
  });

  test('q leaves, whatever waits for a server that does not answer', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const screen = await openCli(['top', '--token', 'x', '--url', `http://127.0.0.1:${port}`]);
    await screen.waitFor(/connecting/);
    await screen.type('jq');
    expect(await screen.exitCode()).toBe(0);
  });

  test('keys that are typed faster than the rows come are about these rows', async () => {
    const { connect, top } = await startPlace();
    for (const user of ['alice', 'bob', 'carol']) await connect(user);
    const screen = await top();
    await screen.waitFor(/No rooms yet/);
    await screen.type('3oj\r');
    await screen.waitFor(/\[3 Users\][^\n]*› bob [\s\S]*^› bob /m);
    await screen.press('Escape');
    await screen.type('/carol\rx');
    await screen.waitFor(/Close all connections of carol\?/);
  });

  test('filters and sorts', async () => {
    const { connect, top } = await startPlace();
    for (const user of ['alice', 'bob', 'carol', 'carol']) await connect(user);
    const screen = await top('--view', 'users');
    await screen.waitFor(/› carol/);
    await screen.press('o');
    await screen.waitFor(/USER▾[\s\S]*› alice[\s\S]*bob[\s\S]*carol/);
    await screen.press('O');
    await screen.waitFor(/USER▴[\s\S]*› carol[\s\S]*bob[\s\S]*alice/);
    await screen.press('/');
    await screen.type('sockets<2 !bob');
    await screen.waitFor((text) => text.includes('› alice') && !text.includes('carol') && !/ bob /.test(text));
    await screen.press('Enter');
    await screen.waitFor(/\/sockets<2 !bob/);
    await screen.press('Escape');
    await screen.waitFor(/carol/);
  });

  test('stands still while it is paused, and counts what is missed', async () => {
    const { connect, top } = await startPlace();
    const alice = await connect('alice');
    const screen = await top('--view', 'sockets');
    await screen.waitFor(/› alice/);
    await screen.press('Space');
    await screen.waitFor(/PAUSED, 0 missed/);
    const bob = await connect('bob');
    for (let count = 0; count < 5; count++) await bob.emitWithAck('ping');
    alice.disconnect();
    expect(await screen.waitFor(/PAUSED, 5 missed/)).toContain('alice');
    await screen.press('Space');
    await screen.waitFor((text) => text.includes('bob') && !text.includes('alice'));
  });

  test('kicks the selected user, who is told, after asking', async () => {
    const { connect, top } = await startPlace();
    const alice = await connect('alice');
    const bob = await connect('bob');
    const screen = await top('--view', 'users', '--sort', 'user');
    await screen.waitFor(/› alice/);
    await screen.press('x');
    await screen.waitFor(/Close all connections of alice\?/);
    await screen.press('n');
    await screen.waitFor(/left as it is/);
    await screen.press('x');
    await screen.waitFor(/Close all connections of alice\?/);
    await screen.press('y');
    expect(await nextEvent<Closing>(alice, 'closing')).toMatchObject({ code: 'KICKED' });
    await screen.waitFor(/closed 1 connection/);
    await screen.waitFor(/› bob/);
    expect(bob.connected).toBe(true);
    await screen.press('5');
    await screen.waitFor(/› \d\d:\d\d:\d\d +closed +KICKED +alice/);
  });

  test('emits to the selected row', async () => {
    const { connect, top } = await startPlace();
    const alice = await connect('alice');
    const screen = await top('--view', 'users');
    await screen.waitFor(/› alice/);
    await screen.press('e');
    await screen.waitFor(/:emit user:alice ▏/);
    await screen.type('news {"a": 1}');
    await screen.press('Enter');
    expect(await nextEvent(alice, 'news')).toEqual({ a: 1 });
    await screen.waitFor(/news reached 1/);
    await screen.press('4');
    await screen.waitFor(/out +news +user:alice +1/);
  });

  test('does neither when it is read-only', async () => {
    const { connect, top } = await startPlace();
    const alice = await connect('alice');
    const screen = await top('--view', 'users', '--read-only');
    await screen.waitFor(/› alice/);
    await screen.press('x');
    await screen.waitFor(/read-only: nobody is kicked/);
    expect(alice.connected).toBe(true);
  });

  test('explains a refusal', async () => {
    const { url, top } = await startPlace();
    const { data } = await expectRefusal(url, {});
    const screen = await top('--view', 'refusals');
    const text = await screen.waitFor(/why: no token came with the connection/);
    expect(text).toContain('UNAUTHENTICATED');
    await screen.press('Enter');
    await screen.waitFor((shown) => shown.includes(data.correlationId ?? 'none'));
  });

  test('survives any size, and leaves nothing behind', async () => {
    const { connect, top } = await startPlace();
    for (let user = 0; user < 30; user++) await connect(`user-${user}`);
    const screen = await top('--view', 'users', '--sort', 'user');
    await screen.waitFor(/› user-0/);
    for (const [columns, rows] of [
      [40, 12],
      [200, 60],
      [60, 15],
      [100, 24],
    ] as const) {
      await screen.resize(columns, rows);
      // One header, one row of tabs, one footer, in their places.
      await screen.waitFor((text) => {
        const lines = text.trimEnd().split('\n');
        const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
        return (
          lines.length === rows &&
          count(/^rtserver /) === 1 &&
          count(/\[3 Use/) === 1 &&
          count(/\? help/) === 1 &&
          count(/› user-0 /) === 1 &&
          /\? help/.test(lines.at(-1) ?? '')
        );
      });
    }
  });

  test('draws on a screen of one character, and again on a larger one', async () => {
    const { connect, top } = await startPlace();
    await connect('alice');
    const screen = await top('--view', 'users');
    await screen.waitFor(/› alice/);
    await screen.resize(1, 1);
    await screen.waitFor((text) => text.trim().length <= 1);
    await screen.press('j', '?', 'Escape', '/', 'Escape');
    await screen.resize(100, 24);
    await screen.waitFor(/^rtserver http[\s\S]*› alice/);
  });

  test('what is pasted is text for a filter, and no command', async () => {
    const { connect, top } = await startPlace();
    const alice = await connect('alice');
    const screen = await top('--view', 'users');
    await screen.waitFor(/› alice/);
    await screen.paste('xyq\nxyq');
    await screen.waitFor(/text can be pasted after \/ and :/);
    await screen.press('/');
    await screen.paste('bo\nb');
    await screen.waitFor(/^\/bo b▏/m);
    await screen.paste(`${'long '.repeat(3_000)}end`);
    await screen.waitFor(/^\/….*long/m);
    await screen.press('Escape');
    await screen.waitFor(/› alice/);
    expect(alice.connected).toBe(true);
  });

  test('ctrl-z gives the terminal to the shell, fg takes it again', async () => {
    const { cwd, connect } = await startPlace();
    await connect('alice');
    const screen = await openTerminal(['sh', '-i'], { cwd, columns: 100, rows: 24 });
    await screen.type(`${process.execPath} ${BIN} top --view users\n`);
    await screen.waitFor(/› alice/);
    await screen.press('C-z');
    await screen.waitFor((text) => /Stopped/.test(text) && !/› alice/.test(text));
    await screen.type('clear; stty -a\n');
    await screen.waitFor((text) => /\bicanon\b/.test(text) && / echo\b/.test(text));
    await connect('bob');
    await screen.type('fg\n');
    await screen.waitFor((text) => /^rtserver http/.test(text) && /bob/.test(text));
    await screen.press('j');
    await screen.waitFor((text) => /› (?:alice|bob)/.test(text) && !/icanon/.test(text));
    await screen.press('q');
    // What is typed before it has ended is its own.
    await screen.waitFor((text) => !/^rtserver http/.test(text));
    await screen.type('stty -a\n');
    await screen.waitFor((text) => /\bicanon\b/.test(text) && !/^rtserver http/.test(text));
  });

  test('ctrl-z where there is no shell to come back from leaves it as it is', async () => {
    const { connect, top } = await startPlace();
    await connect('alice');
    const screen = await top('--view', 'users');
    await screen.waitFor(/› alice/);
    await screen.press('C-z');
    await connect('bob');
    await screen.waitFor(/^rtserver http[\s\S]*bob/);
  });

  test('ends when its terminal goes', async () => {
    const { cwd, connect, cli } = await startPlace();
    await connect('alice');
    const file = join(cwd, 'pid');
    const screen = await openInShell(cwd, 'top --view users', `echo $$ > ${file}; exec`);
    await screen.waitFor(/› alice/);
    const pid = Number(readFileSync(file, 'utf8'));
    await screen.close();
    await until(() => !isAlive(pid), { what: 'the end of the dashboard' });
    expect(cli.stderr).toBe('');
  });

  test.for([
    ['q', 0],
    ['C-c', 130],
  ] as const)('gives the terminal back after %s', async ([key, code]) => {
    const { cwd } = await startPlace();
    const screen = await openInShell(cwd, 'top');
    await screen.waitFor(/● live/);
    await screen.press(key);
    await screen.waitFor((text) => text.includes(`left with ${code}`) && isRestored(text));
  });

  test.for([
    ['SIGTERM', 130],
    ['SIGHUP', 130],
  ] as const)('gives the terminal back after %s', async ([signal, code]) => {
    const { cwd } = await startPlace();
    const file = join(cwd, 'pid');
    const screen = await openInShell(cwd, 'top', `echo $$ > ${file}; exec`);
    await screen.waitFor(/● live/);
    process.kill(Number(readFileSync(file, 'utf8')), signal);
    await screen.waitFor((text) => text.includes(`left with ${code}`) && isRestored(text));
  });

  test.for(['top', 'start --tui --port 0'])(
    '%s gives the terminal back after an error that nobody caught, which can then be read',
    async (command) => {
      const { cwd } = command === 'top' ? await startPlace() : { cwd: tempFolder() };
      const crash = join(cwd, 'crash.mjs');
      writeFileSync(crash, "process.on('SIGUSR2', () => { throw new Error('the end of the world'); });");
      const file = join(cwd, 'pid');
      const screen = await openInShell(cwd, command, `echo $$ > ${file}; NODE_OPTIONS=--import=${crash} exec`);
      await screen.waitFor(/● live/);
      process.kill(Number(readFileSync(file, 'utf8')), 'SIGUSR2');
      await screen.waitFor((text) => /the end of the world/.test(text) && /left with [1-9]/.test(text));
      await screen.waitFor((text) => /\bicanon\b/.test(text));
    },
  );

  test('keeps the last picture of a lost server, says since when, and comes back', async () => {
    const { cli, cwd, url, connect, top } = await startPlace();
    await connect('alice');
    const screen = await top('--view', 'users');
    await screen.waitFor(/› alice/);
    await cli.stop('SIGKILL');
    const lost = await screen.waitFor(/LOST \d\d:\d\d:\d\d, \d+s ago/);
    expect(lost).toContain('› alice');
    const again = startCli(['start', '--port', new URL(url).port], { cwd });
    await again.waitForLine('"server.listening"');
    await screen.waitFor((text) => text.includes('● live') && text.includes('0 connections'));
  });

  test('says when a server stands still, and goes on with it', async () => {
    const { cli, top } = await startPlace();
    const screen = await top();
    await screen.waitFor((text) => text.includes('● live') && text.includes('0 connections'));
    cli.kill('SIGSTOP');
    await screen.waitFor(/no answer for \ds/);
    cli.kill('SIGCONT');
    await screen.waitFor(/● live/);
  });

  test('shows hostile names as they are, and does nothing that they say', async () => {
    const { connect, top } = await startPlace();
    await connect('evil\x1b[2J\x1b]0;owned\x07');
    await connect('王小明');
    const screen = await top('--view', 'users', '--sort', 'user');
    const text = await screen.waitFor(/王小明/);
    expect(text).toContain('evil\\u{1b}[2J');
    expect(text).toContain('rtserver http');
  });

  test('has no colours under NO_COLOR, only the sixteen without it', async () => {
    const { connect, cwd } = await startPlace();
    await connect('alice');
    const coloursIn = async (env: Record<string, string>) => {
      const screen = await openCli(['top', '--view', 'sockets'], { cwd, env, columns: 100, rows: 24 });
      await screen.waitFor(/› alice/);
      const codes = [...(await screen.colouredScreen()).matchAll(/\x1b\[([\d;]+)m/g)].flatMap(([, all = '']) =>
        all.split(';'),
      );
      return new Set(codes.filter((code) => !['0', '1', '2', '7', '22', '27', '39', '49'].includes(code)));
    };
    expect([...(await coloursIn({ NO_COLOR: '1' }))]).toEqual([]);
    const colours = [...(await coloursIn({}))];
    expect(colours.length).toBeGreaterThan(1);
    for (const code of colours) expect(code).toMatch(/^3[1-6]$/);
  });

  test('start --tui has both in one, the log at l, and asks before it stops the server', async () => {
    const screen = await openCli(['start', '--tui', '--port', '0'], { columns: 100, rows: 30 });
    await screen.waitFor(/● live/);
    await screen.press('l');
    await screen.waitFor(/── log[\s\S]*server\.listening/);
    await screen.press('q');
    await screen.waitFor(/Stop the server as well\?/);
    await screen.press('Escape');
    await screen.waitFor(/\? help/);
    await screen.press('q');
    await screen.waitFor(/Stop the server as well\?/);
    await screen.press('n');
    const [, url = ''] = /listens on (http:\S+)/.exec(await screen.waitFor(/listens on http/)) ?? [];
    expect((await fetch(`${url}/healthz`)).ok).toBe(true);
    await screen.press('C-c');
    expect(await screen.exitCode()).toBe(0);
  });
});

describe.skipIf(isToolMissing('tmux'))('a terminal that cannot show it', () => {
  test('is told so', async () => {
    const { cwd } = await startPlace();
    const screen = await openTerminal(['sh', '-c', `TERM=dumb ${process.execPath} ${BIN} top`], { cwd });
    expect(await screen.exitCode()).toBe(2);
    expect(await screen.history()).toMatch(/needs a terminal, and TERM is "dumb"/);
  });
});
