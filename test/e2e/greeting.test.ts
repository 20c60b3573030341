import { expect, test } from 'vitest';
import { isToolMissing } from '../support/external-tool.ts';
import { installedFolder, OFFLINE_NPX } from '../support/installed-folder.ts';
import { startCliServer } from '../support/run-cli.ts';
import { openShell } from '../support/shell.ts';
import { openCli } from '../support/terminal.ts';

test.skipIf(isToolMissing('tmux'))(
  'on a terminal start greets with the url, the limits and commands that work',
  async () => {
    const cwd = installedFolder();
    const server = await openCli(['start', '--port', '0'], { cwd, columns: 120, rows: 40 });
    const screen = await server.waitFor((text) => text.split('npx rtserver').length > 3);
    expect(screen).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
    expect(screen).toMatch(/\b3 connections\b/);
    expect(screen).not.toContain('{"level"');

    const commands = screen
      .split('\n')
      .flatMap((line) => /^\s+(?<command>npx rtserver .*)$/.exec(line)?.groups?.['command'] ?? []);
    expect(commands).toHaveLength(3);
    const shells = new Map<string, Awaited<ReturnType<typeof openShell>>>();
    for (const command of commands) {
      const shell = await openShell({ cwd, env: OFFLINE_NPX });
      shells.set(command, shell);
      const isJoin = command.includes(' join ');
      const expected = isJoin ? ['joined …'] : command.includes(' ls ') ? ['…42…'] : ['…'];
      await shell.play({
        shell: command,
        command: command.trim(),
        expected: ['…', ...expected, '…'],
        exitCode: 0,
        line: 0,
      });
      if (!isJoin) await shell.finish();
    }
    const [join = ''] = commands.filter((command) => command.includes(' join '));
    await shells.get(join)?.play({ shell: join, expected: ['…hello…'], exitCode: 0, line: 0 });
    await shells.get(join)?.interrupt();

    await server.press('C-c');
    expect(await server.exitCode()).toBe(0);
    expect(await server.screen()).not.toMatch(/^\s+at .*:\d+:\d+/m);
  },
);

test('in a pipe start prints nothing but JSON lines', async () => {
  const { cli } = await startCliServer();
  await cli.stop('SIGTERM');
  const names = cli.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(names[0]).toBe('server.listening');
  expect(names.at(-1)).toBe('server.stopped');
});
