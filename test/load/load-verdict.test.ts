import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readResult } from '../../src/load/reports/result-schema.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { processTree } from '../support/process-tree.ts';
import { BIN, runCli, startCli, tempFolder } from '../support/run-cli.ts';
import { openTerminal } from '../support/terminal.ts';
import { within } from '../support/until.ts';

/* Each of these runs the real `artillery run`, which takes five seconds by itself, and far more where others are busy. */

const LONG_MS = 90_000;
vi.setConfig({ testTimeout: 3 * LONG_MS });

test('a server of the run that is killed ends the run at once, and the verdict says so', async () => {
  const [temp, cwd] = [tempFolder(), tempFolder()];
  const text = `config: { rtserver: { server: { log: { level: info } } } }
scenarios:
  - engine: rtserver
    flow:
      - connect: { user: ann }
      - log: ann is in
      - silence: { for: 10m }
`;
  writeFileSync(join(cwd, 'long.yml'), text);
  const cli = startCli(['load', 'long.yml', '--report', 'r.json'], { cwd, env: { TMPDIR: temp } });
  await cli.waitForLine('ann is in', { stream: 'stderr', withinMs: LONG_MS });
  const [folder = ''] = readdirSync(temp);
  const place = join(temp, folder, 'server', '.rtserver', 'server.json');
  process.kill((JSON.parse(readFileSync(place, 'utf8')) as { pid: number }).pid, 'SIGKILL');
  const { code } = await within(cli.exit, LONG_MS, () => cli.describe());
  expect(code, cli.describe()).toBe(1);
  expect(cli.stdout).toMatch(/^FAILED .*\n {2}the server of the run ended by SIGKILL after [\d.]+ m?s, though/m);
  expect(cli.stdout).toMatch(/the last that it logged:\n[\s\S]*connection\.accepted/);
  const report = readResult(readFileSync(join(cwd, 'r.json'), 'utf8'));
  expect([report.verdict, report.reasons[0]]).toEqual(['failed', expect.stringContaining('SIGKILL')]);
});

test('a SIGTERM to all processes of a run interrupts it, and is no end of its server', async () => {
  const cwd = tempFolder();
  const flow = '[{ connect: { user: ann } }, { log: ann is in }, { silence: { for: 10m } }]';
  writeFileSync(join(cwd, 'long.yml'), `scenarios: [{ engine: rtserver, flow: ${flow} }]\n`);
  const cli = startCli(['load', 'long.yml'], { cwd });
  await cli.waitForLine('ann is in', { stream: 'stderr', withinMs: LONG_MS });
  // The youngest first: the server may be gone before the run itself hears of it.
  const pids = processTree(cli.pid).reverse();
  expect(pids.length).toBeGreaterThanOrEqual(3);
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  const { code } = await within(cli.exit, LONG_MS, () => cli.describe());
  expect(code, cli.describe()).toBe(130);
  expect(cli.stdout).toMatch(/^INTERRUPTED /m);
  expect(cli.stdout).not.toContain('though nobody had asked');
});

test('what a scenario finds out stands in the headline of its verdict and its reports', async () => {
  const cwd = tempFolder();
  const reports = ['r.html', 'r.md'];
  const variables = ['from=20', 'by=20', 'to=40', 'hold=300ms', 'atLeast=20'].flatMap((each) => ['--var', each]);
  const args = ['capacity', ...variables, ...reports.flatMap((report) => ['--report', report])];
  const result = await runCli(['load', ...args], { cwd, timeoutMs: LONG_MS });
  expect(result.code, result.stderr).toBe(0);
  const answer =
    /held 40 sockets with a p95 of acknowledgements of \S+ m?s; no threshold broke: go on with --var to=80/;
  expect(result.stdout).toMatch(new RegExp(`^PASSED .*\n {2}${answer.source}$`, 'm'));
  for (const report of reports) expect(readFileSync(join(cwd, report), 'utf8')).toMatch(answer);
});

describe.skipIf(isToolMissing('tmux'))('in a terminal of 80 columns', () => {
  test('no line of the verdict is broken within a word', async () => {
    const script = `'${process.execPath}' '${BIN}' load limits; echo over; exec cat`;
    const terminal = await openTerminal(['sh', '-c', script], { columns: 80, rows: 40 });
    await terminal.waitFor(/^PASSED 7 of 7[\s\S]*^over$/m, { withinMs: LONG_MS });
    const [whole, broken] = [await terminal.history(), await terminal.screen()];
    const lines = new Set(whole.split('\n').map((line) => line.trimEnd()));
    expect(broken.split('\n').filter((line) => !lines.has(line.trimEnd()))).toEqual([]);
    expect(broken).toMatch(/whatever happens\s+at\s+the door\?/);
  });
});
