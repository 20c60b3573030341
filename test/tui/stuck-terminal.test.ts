import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { isToolMissing } from '../support/external-tool.ts';
import { BIN } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { openCli, openTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { watch } from '../support/watch.ts';
import { startPlace } from './place.ts';

/** @returns how many bytes that show nothing there was room for */
function fill(device: string): number {
  const terminal = openSync(device, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  let written = 0;
  try {
    for (;;) written += writeSync(terminal, Buffer.alloc(1_000));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
    return written;
  } finally {
    closeSync(terminal);
  }
}

describe.skipIf(isToolMissing('tmux') || process.platform !== 'linux')('a terminal that does not read', () => {
  test('does not hold up the server of start --tui, and shows what is newest when it reads again', async () => {
    const cwd = tempFolder();
    const screen = await openCli(['start', '--tui', '--port', '0'], { cwd, columns: 200, rows: 60 });
    await screen.waitFor(/● live/);
    await screen.type('4p');
    await screen.waitFor(/PAYLOAD/);
    const { url } = JSON.parse(readFileSync(join(cwd, '.rtserver/server.json'), 'utf8')) as { url: string };
    const secret = readFileSync(join(cwd, '.rtserver/secret'), 'utf8').trim();
    const token = jwt.sign({ sub: 'admin', scope: 'admin' }, secret, { expiresIn: '1h' });
    let sent = 0;
    const emit = async () => {
      const body = JSON.stringify({ event: 'news', payload: `${++sent} ${'x'.repeat(90)}` });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(`${url}/api/emit`, {
        ...{ method: 'POST', headers, body },
        signal: AbortSignal.timeout(15_000),
      });
      expect(answer.status).toBe(200);
    };
    await emit();
    await screen.waitFor(/"1 x/);
    const { seen } = watch(url, token);
    await screen.pause();
    // So many pictures later, each of 10 kB, no terminal would have had room for them.
    await until(
      async () => {
        await emit();
        return seen.count > 15;
      },
      { what: 'a server that goes on', withinMs: 60_000 },
    );
    screen.resume();
    await screen.waitFor((text) => text.includes(`"${sent} x`));
    await screen.press('q');
    await screen.waitFor(/Stop the server as well\?/);
    await screen.press('y');
    expect(await screen.exitCode()).toBe(0);
  }, 180_000);

  test('is given back as it was when it reads again, though the dashboard was left meanwhile', async () => {
    const { cwd } = await startPlace();
    const file = join(cwd, 'pid');
    const program = `(echo $(exec sh -c 'echo $PPID') > ${file}; exec ${process.execPath} ${BIN} top)`;
    const screen = await openTerminal(['sh', '-c', `echo before; ${program}; echo "left with $?"; cat`], { cwd });
    await screen.waitFor(/● live/);
    const device = await screen.device();
    await screen.pause();
    await until(() => fill(device) === 0, { what: 'a terminal that is full' });
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGTERM');
    const isCooked = () => / icanon\b/.test(execFileSync('stty', ['-a', '-F', device], { encoding: 'utf8' }));
    await until(isCooked, { what: 'a dashboard that has been left' });
    screen.resume();
    await screen.waitFor((text) => /before[\s\S]*left with 130/.test(text) && !text.includes('rtserver http'));
  });
});
