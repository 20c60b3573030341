import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createFolder } from '../cli/place.ts';
import { connectClient } from '../support/connect.ts';
import { runCli, startCliServer } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { logLines, workerPids } from './start-workers.ts';

const withinMs = 30_000;
const SECRET = 'a-secret-for-tests-that-is-long-enough';
const START = ['--workers', '2', '--secret', SECRET];

/** What keeps the system from starting another process, and how that passes: code in the process that wants one. */
const TROUBLES = [
  {
    trouble: 'no file descriptor is left',
    code: 'EMFILE',
    begin: `try { for (;;) held.push(openSync('/dev/null')); } catch {}`,
    end: 'for (const each of held.splice(0)) closeSync(each);',
  },
  {
    trouble: 'fork itself throws',
    code: 'ENOTDIR',
    begin: `process.execPath = '/dev/null/node';`,
    end: 'process.execPath = node;',
  },
];

/** A folder whose configuration is read by the process that starts the workers. */
function createTroubledFolder(code: string) {
  const folder = createFolder();
  folder.write(
    'rtserver.config.mjs',
    `import { closeSync, openSync } from 'node:fs';
     const node = process.execPath;
     const held = [];
     ${code}
     export default { shutdown: { spread: 0 } };`,
  );
  return folder;
}

test.for(TROUBLES)(
  'the server lives on while $trouble, and replaces its workers when it can',
  async ({ code, begin, end }) => {
    const folder = createTroubledFolder(`
     const turns = [() => { ${begin} }, () => { ${end} }];
     process.on('SIGUSR2', () => { turns.shift()(); console.log('{"msg":"turned"}'); });`);
    const { cli, url } = await startCliServer(START, { cwd: folder.cwd, openFiles: 512 });
    const token = (await folder.run(['token', '--user', '42', '--secret', SECRET])).stdout.trim();
    const [victim = 0] = workerPids(cli);
    cli.kill('SIGUSR2');
    await cli.waitForLine('"turned"');
    process.kill(victim, 'SIGKILL');
    const failed = JSON.parse(await cli.waitForLine('"worker.failed"', { withinMs })) as object;
    expect(failed).toMatchObject({ level: 50, worker: 3, err: { code } });
    cli.kill('SIGUSR2');
    await cli.waitForLine((line) => line.includes('"worker.started"') && /"worker":[^12]/.test(line), { withinMs });
    const socket = await connectClient(url, { token, withinMs });
    expect(await socket.emitWithAck('ping')).toMatchObject({ ok: true });
    expect(await cli.stop()).toEqual({ code: 0, signal: null });
    expect(logLines(cli).filter(({ msg }) => msg === 'server.failed')).toEqual([]);
  },
);

test('where no worker can be started, nothing is left of the start', async () => {
  const folder = createTroubledFolder(`process.execPath = '/dev/null/node';`);
  const temporary = tempFolder();
  const { code, stderr } = await runCli(['start', '--port', '0', ...START], {
    ...{ cwd: folder.cwd, env: { TMPDIR: temporary } },
  });
  expect({ code, stderr }).toEqual({ code: 70, stderr: expect.stringContaining('ENOTDIR') });
  expect(readdirSync(temporary)).toEqual([]);
});
