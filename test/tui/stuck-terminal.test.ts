import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { isToolMissing } from '../support/external-tool.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { openCli } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { watch } from '../support/watch.ts';

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
});
