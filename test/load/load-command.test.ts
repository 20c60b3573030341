import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { readResult } from '../../src/load/reports/result-schema.ts';
import type { LoadResult } from '../../src/load/result.ts';
import { freePort } from '../support/free-port.ts';
import { startPrefixProxy } from '../support/prefix-proxy.ts';
import { type CliResult, runCli, startCli, startCliServer, tempFolder } from '../support/run-cli.ts';
import { until } from '../support/until.ts';
import { startFlawedServer } from './flawed-server.ts';

/* Each of these runs the real `artillery run`, which takes five seconds by itself, and far more where others are busy. */

const LONG_MS = 90_000;
vi.setConfig({ testTimeout: 3 * LONG_MS });

const LIMITS = fileURLToPath(new URL('../../scenarios/limits.yml', import.meta.url));
const QUICK = `# Is it there?
config:
  variables: { users: 3 }
  phases: [{ duration: 1, arrivalCount: '{{ users }}' }]
  processor: ./processor.mjs
  ensure:
    thresholds: [{ rtserver.ack_ms.p95: '{{ p95 }}' }]
    conditions:
      - expression: rtserver.users_failed == 0
      - { expression: rtserver.delivery_ms.p95 < 5, strict: false }
scenarios:
  - engine: rtserver
    flow:
      - function: setName
      - connect: { user: '{{ name }}-{{ $vu }}' }
      - log: 'hello from {{ name }}'
      - loop:
          - emit: { event: ping, ack: { within: 2s } }
            name: answered
        count: 3
`;

/** A plugin that ends Artillery's main process when all virtual users have arrived. */
const THROWER = `exports.Plugin = class {
  constructor(script, events) {
    const fall = () => { throw new Error('it fell over'); };
    if (process.env.LOCAL_WORKER_ID === undefined) events.once('phaseCompleted', () => process.nextTick(fall));
  }
};
`;

const load = (args: readonly string[], options: Parameters<typeof runCli>[1] = {}) =>
  runCli(['load', ...args], { timeoutMs: LONG_MS, ...options });

const said = ({ stdout, stderr }: CliResult) => `${stdout}\n${stderr}`;

function quickFolder(): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'quick.yml'), QUICK);
  writeFileSync(join(cwd, 'processor.mjs'), 'export async function setName(context) { context.vars.name = "ann"; }\n');
  return cwd;
}

test('one of ours may be named by its place in the package, where nothing of the folder is meant', async () => {
  const cwd = tempFolder();
  const strange = ['scenarios/limits.yml', '--var', 'rasers=5'];
  expect(said(await load(strange, { cwd }))).toContain('it has no variable "rasers". Did you mean "racers"?');
  mkdirSync(join(cwd, 'scenarios'));
  writeFileSync(join(cwd, 'scenarios/limits.yml'), 'config: 7\n');
  expect(said(await load(strange, { cwd }))).toContain('scenarios/limits.yml:1:');
  expect(said(await load(['scenarios/heartbeet.yml'], { cwd }))).toContain('cannot be read');
});

describe('limits.yml', () => {
  test('passes on a server of its own, and leaves nothing behind', async () => {
    const cwd = tempFolder();
    const reports = ['r.html', 'r.json', 'r.xml', 'r.md'];
    const result = await load([LIMITS, ...reports.flatMap((report) => ['--report', report])], { cwd });
    expect(result.code, said(result)).toBe(0);
    expect(result.stdout).toMatch(/PASSED 7 of 7 expectations held/);
    expect(result.stdout).toContain('left over     nothing');
    expect(result.stderr).toContain('Does one user get exactly as many connections as allowed');
    // Not even the folder that commands use: the server of the run lived elsewhere.
    expect(readdirSync(cwd).sort()).toEqual([...reports].sort());
    const report = readResult(readFileSync(join(cwd, 'r.json'), 'utf8'));
    expect(report).toMatchObject({ verdict: 'passed', leaks: { status: 'none' }, counts: { refusals: 48 } });
    expect(report.serverFigures?.refused).toBe(48);
    // Connections of milliseconds: at the end of each second there is none.
    expect(Math.max(...report.timeline.map(({ openMax = 0 }) => openMax))).toBeGreaterThanOrEqual(3);
    expect(result.stdout.match(/48 attempts refused/g)).toHaveLength(2);
    const compared = await load(['--compare', 'r.json', 'r.json'], { cwd });
    expect([compared.code, compared.stdout]).toEqual([0, expect.stringContaining('NOT WORSE')]);
  });

  test('passes on the server that runs in the folder', async () => {
    const { cli, url } = await startCliServer(['--max-connections-per-user', '2']);
    const result = await load([LIMITS, '--json'], { cwd: cli.cwd });
    expect(result.code, said(result)).toBe(0);
    const report = JSON.parse(result.stdout) as LoadResult;
    expect(report.server).toEqual({ url, startedForTheRun: false });
    // The server's own limit, as it said it; and --var would win over it.
    expect(report.variables['connectionsPerUser']).toBe(2);
    expect(report.counts.connects).toBe(10);
  });

  test('passes on a server below a path of a proxy', async () => {
    const { url, secret } = await startFlawedServer(undefined);
    const below = await startPrefixProxy(url, '/rt');
    const result = await load([LIMITS, '--url', `${below}/`, '--secret', secret, '--quiet']);
    expect(result.code, said(result)).toBe(0);
  });

  test('exits with 1 on a server that can be raced, and says what was seen', async () => {
    const { url, secret } = await startFlawedServer('has a limit that can be raced');
    const result = await load([LIMITS, '--url', url, '--secret', secret, '--quiet']);
    expect(result.code, said(result)).toBe(1);
    expect(result.stdout).toMatch(/✗ a race › of many at once exactly the limit gets in +0 +1/);
    expect(result.stdout).toMatch(/\d+ of 50 were let in, and it should have been 3/);
    expect(result.stdout.match(/✗/g)).toHaveLength(1);
    expect(result.stdout).toMatch(/FAILED 6 of 7 expectations held/);
  });

  test.for([[['--secret', 'x'.repeat(32)]], [[]]] as const)(
    'exits with 3 when nobody is there: %j',
    async ([secret]) => {
      const url = `http://127.0.0.1:${await freePort()}`;
      const result = await load([LIMITS, '--url', url, ...secret]);
      expect([result.code, result.stderr]).toEqual([3, expect.stringContaining(`${url} cannot be reached`)]);
    },
  );

  test('exits with 4 when the server does not take our tokens', async () => {
    const { url } = await startFlawedServer(undefined);
    const result = await load([LIMITS, '--url', url, '--secret', 'x'.repeat(32)]);
    expect([result.code, result.stderr]).toEqual([4, expect.stringContaining('(TOKEN_INVALID)')]);
  });

  test('exits with 2 on a misspelt step, names its line, and runs nothing', async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, 'bad.yml'), readFileSync(LIMITS, 'utf8').replace('- disconnect:', '- disconect:'));
    const result = await load(['bad.yml', '--url', 'http://127.0.0.1:9'], { cwd });
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^bad\.yml:\d+:9: there is no step "disconect"\. Did you mean "disconnect"\?$/m);
  });
});

test.for([
  [['--var', 'rasers=5'], 'it has no variable "rasers". Did you mean "racers"?'],
  [['--var', 'racers=abc'], ':42:18: connect: "count" must be a whole number, and {{ racers }} is "abc"'],
  [['--report', 'no-such-folder/r.html'], 'the report no-such-folder/r.html cannot be written'],
] as const)('%j is refused before anything runs', async ([args, problem]) => {
  const result = await load([LIMITS, ...args, '--url', 'http://127.0.0.1:9']);
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(problem)]);
});

test('a mistake in one of ours is placed in its file', async () => {
  const { code, stderr } = await load(['limits', '--var', 'racers=abc', '--url', 'http://127.0.0.1:9']);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${LIMITS}:42:18: connect: "count" must be`)]);
});

describe('a scenario without any expectation', () => {
  const play = (flow: string) => {
    const cwd = quickFolder();
    const text = `config: { processor: ./processor.mjs }\nscenarios: [{ engine: rtserver, flow: ${flow} }]\n`;
    writeFileSync(join(cwd, 'idle.yml'), text);
    writeFileSync(join(cwd, 'processor.mjs'), 'export const fail = () => Promise.reject(new Error("no name"));\n');
    return load(['idle.yml', '--quiet'], { cwd });
  };

  test('passes with a note of what it was that was judged', async () => {
    const result = await play('[{ log: hello }]');
    expect(result.code, said(result)).toBe(0);
    expect(result.stdout).toMatch(/note +no expectation in this scenario: judged was only what was left over$/m);
  });

  test('fails when a function of it throws', async () => {
    const result = await play('[{ function: fail }]');
    expect([result.code, result.stdout], said(result)).toEqual([1, expect.stringContaining('no name')]);
  });
});

test('a report that is a folder is refused before anything runs', async () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, 'r.html'));
  const result = await load([LIMITS, '--report', 'r.html', '--url', 'http://127.0.0.1:9'], { cwd });
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(
    /^error: the report r\.html cannot be written: it is a folder\nNext: name a file .*\n$/,
  );
});

test('a report whose place cannot be looked at is refused before anything runs, and not taken for a new one', async () => {
  const cwd = tempFolder();
  symlinkSync('loop.html', join(cwd, 'loop.html'));
  const { code, stderr } = await load([LIMITS, '--report', 'loop.html', '--url', 'http://127.0.0.1:9'], { cwd });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('report loop.html cannot be written: its links go round in a circle'),
  });
});

describe('virtual users that arrive', () => {
  test('are judged by expectations and by thresholds, with functions, logs and variables', async () => {
    const result = await load(['quick.yml', '--var', 'p95=2000', '--var', 'users=4'], { cwd: quickFolder() });
    expect(result.code, said(result)).toBe(0);
    expect(result.stdout).toMatch(/✓ answered +12 +0/);
    expect(result.stdout).toContain('✓ rtserver.ack_ms.p95 < 2000');
    expect(result.stdout).toContain('✓ rtserver.users_failed == 0');
    expect(result.stdout).toContain(
      '✗ rtserver.delivery_ms.p95 < 5 (optional): no metric "rtserver.delivery_ms.p95" was seen',
    );
    expect(result.stderr.match(/hello from ann/g)).toHaveLength(4);
  });

  test('fail by a threshold alone', async () => {
    const result = await load(['quick.yml', '--var', 'p95=0.001', '--quiet'], { cwd: quickFolder() });
    expect(result.code, said(result)).toBe(1);
    expect(result.stdout).toContain('✗ rtserver.ack_ms.p95 < 0.001');
    expect(result.stdout).toMatch(/FAILED 2 of 2 expectations held.*\n {2}1 threshold broken/);
  });

  test('pass by thresholds where no step says what must happen', async () => {
    const cwd = tempFolder();
    writeFileSync(
      join(cwd, 'idle.yml'),
      `config: { ensure: { thresholds: [{ vusers.failed: 1 }] } }
scenarios: [{ engine: rtserver, flow: [{ log: hello }] }]
`,
    );
    const result = await load(['idle.yml', '--quiet'], { cwd });
    expect([result.code, result.stdout], said(result)).toEqual([0, expect.stringContaining('✓ vusers.failed < 1')]);
  });

  test.for([
    ['payload: [{ path: ./missing.csv, fields: [name] }]', /Artillery ended with 1: Error: ENOENT: .*missing\.csv'$/m],
    [
      'plugins: { thrower: {} }, ensure: { thresholds: [{ rtserver.connects: 1 }] }',
      /Artillery ended with 1: [^✓]*\n {2}Error: it fell over\n {2}the thresholds of `config\.ensure` were never judged$/m,
    ],
  ] as const)('fail where Artillery does, in its own words: %s', async ([config, words]) => {
    const cwd = tempFolder();
    const phases = 'phases: [{ duration: 1, arrivalCount: 1 }]';
    const flow = "[{ connect: { user: 'ann-{{ $vu }}' } }]";
    writeFileSync(
      join(cwd, 'broken.yml'),
      `config: { ${phases}, ${config} }\nscenarios: [{ engine: rtserver, flow: ${flow} }]\n`,
    );
    mkdirSync(join(cwd, 'artillery-plugin-thrower'));
    writeFileSync(join(cwd, 'artillery-plugin-thrower/index.js'), THROWER);
    const result = await load(['broken.yml', '--quiet'], { cwd, env: { ARTILLERY_PLUGIN_PATH: cwd } });
    expect([result.code, result.stdout], said(result)).toEqual([1, expect.stringMatching(words)]);
  });

  test('are not started when a variable of the phases is missing', async () => {
    const result = await load(['quick.yml', '--quiet'], { cwd: quickFolder() });
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('there is no variable "p95"')]);
  });
});

test('Ctrl-C ends with a verdict of what was seen, one plain line every 5 s before it, and no process left', async () => {
  const soak = fileURLToPath(new URL('../../scenarios/soak.yml', import.meta.url));
  const cli = startCli(['load', soak, '--var', 'duration=60s', '--var', 'sockets=20']);
  await cli.waitForLine(/^\d+ s · \d+ connected · .* checks [1-9][\d,]* passed, 0 failed$/, {
    stream: 'stderr',
    withinMs: LONG_MS,
  });
  expect(cli.stderr).toMatch(/\n\d s · starting Artillery\n[\s\S]*checks \d/);
  const { code } = await cli.stop('SIGINT', { withinMs: LONG_MS });
  expect(code, cli.describe()).toBe(130);
  expect(cli.stdout).toMatch(/✓ the residents connect +20 +0/);
  expect(cli.stdout).toMatch(/INTERRUPTED \d of \d expectations held/);
  expect(cli.stdout).toContain('left over     nothing');
});

test('a generator that is held up says that it was the bottleneck', async () => {
  const cwd = tempFolder();
  writeFileSync(
    join(cwd, 'blocked.yml'),
    `config: { processor: ./processor.mjs }
scenarios:
  - engine: rtserver
    flow:
      - connect: { user: ann }
      - function: holdUp
      - emit: { event: ping, ack: { within: 20s }, rate: 50, for: 4s }
`,
  );
  const holdUp = `export async function holdUp() {
  setInterval(() => { for (const until = Date.now() + 300; Date.now() < until; ); }, 320).unref();
}`;
  writeFileSync(join(cwd, 'processor.mjs'), holdUp);
  const result = await load(['blocked.yml', '--quiet'], { cwd });
  expect(result.code, said(result)).toBe(0);
  expect(result.stdout).toContain('The generator itself was the bottleneck');
});

test('what a run left behind that was killed is removed by the next one, and nothing of one that still runs', async () => {
  const temp = tempFolder();
  const cwd = tempFolder();
  const env = { TMPDIR: temp };
  const cli = startCli(['load', LIMITS], { cwd, env });
  await until(() => readdirSync(temp).some((name) => existsSync(join(temp, name, 'run.json'))), { what: 'it runs' });
  await cli.stop('SIGKILL');
  const [left] = readdirSync(temp);
  expect(left).toMatch(new RegExp(`^rtserver-load-${hostname()}-\\d+-`));
  const alive = `rtserver-load-${hostname()}-${process.pid}-alive`;
  mkdirSync(join(temp, alive));
  const next = await load(['heartbeat', '--quiet'], { cwd, env });
  expect(next.code, said(next)).toBe(0);
  expect(readdirSync(temp)).toEqual([alive]);
});

test('without Artillery there is one line with the command that installs it', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const copy = tempFolder();
  for (const name of ['bin', 'dist', 'package.json']) cpSync(join(root, name), join(copy, name), { recursive: true });
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== 'artillery') symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
  }
  const { execFile } = await import('node:child_process');
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [join(copy, 'bin/rtserver.js'), 'load', LIMITS], { cwd: copy }, (error, _out, err) =>
      resolve({ code: error?.code, stderr: err }),
    );
  });
  expect(code).toBe(2);
  expect(stderr).toBe(
    'error: Artillery is not installed\nNext: PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --save-dev artillery\n',
  );
});
