import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOnDisk, type InstalledPackage, installPackage, linkTool } from '../support/installed-package.ts';
import { type CliOptions, runCli, startCli, startCliServer } from '../support/run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const MIB = 1_048_576;
const SIZE_MAX = 60 * MIB;

let installed: InstalledPackage;
let options: Pick<CliOptions, 'cwd' | 'bin'>;

beforeAll(async () => {
  installed = await installPackage();
  options = { cwd: installed.folder, bin: installed.bin };
}, 240_000);
afterAll(() => rmSync(installed.folder, { recursive: true, force: true, maxRetries: 3 }));

describe('the package', () => {
  test('holds what runs and what explains it, and nothing else', () => {
    const top = new Set(installed.files.map((path) => path.split('/')[0]));
    expect([...top].sort()).toEqual([
      ...[
        'CHANGELOG.md',
        'CONTRIBUTING.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'bench',
        'bin',
        'config.schema.json',
      ],
      ...['dist', 'docs', 'examples', 'package.json', 'scenarios'],
    ]);
    expect(installed.files).not.toContain('examples/tsconfig.json'); // it names the sources of this repository
    const own = installed.files.filter((path) => !path.startsWith('examples/'));
    expect(own.filter((path) => /\.(?:test\.|map$|tsbuildinfo)/.test(path))).toEqual([]);
  });

  test('is well formed for Node and for bundlers', async () => {
    const { messages, pkg } = await publint({ pkgDir: root, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg as never))).toEqual([]);
  });

  test('installs without a script, a deprecation or a peer left open', () => {
    const { packages } = JSON.parse(
      readFileSync(join(installed.folder, 'node_modules/.package-lock.json'), 'utf8'),
    ) as { packages: Record<string, { hasInstallScript?: true }> };
    const scripts = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripts.map(([name]) => name)).toEqual([]);
    expect(installed.installOutput).not.toMatch(/peer|deprecated|ERESOLVE|install-scripts/i);
  });

  test('is small enough', () => {
    const folder = join(installed.folder, 'node_modules');
    const names = readdirSync(folder).map((name) => ({ name, bytes: bytesOnDisk(join(folder, name)) }));
    const total = names.reduce((sum, { bytes }) => sum + bytes, 0);
    const heaviest = names.sort((a, b) => b.bytes - a.bytes).slice(0, 8);
    console.log(
      `installed: ${(total / MIB).toFixed(1)} MiB; the heaviest: ${heaviest
        .map(({ name, bytes }) => `${name} ${(bytes / MIB).toFixed(1)}`)
        .join(', ')}`,
    );
    expect(total).toBeLessThan(SIZE_MAX);
  });
});

describe('in an empty folder', () => {
  test('start, token, join, emit, ls and top work', async () => {
    const { cli: server } = await startCliServer([], options);
    const token = await runCli(['token', '--user', '42'], options);
    expect(token).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ey\S+\n$/) });
    const join = startCli(['join', 'protocol:7', '--user', '42', '--count', '1', '--json'], options);
    await join.waitForLine(/^joined protocol:7 as user 42/, { stream: 'stderr' });
    const top = await runCli(['top', '--once', '--json'], options);
    expect(JSON.parse(top.stdout)).toBeTypeOf('object');
    expect(top.code).toBe(0);
    expect((await runCli(['top', '--once'], options)).stdout).toContain('protocol:7');
    const emit = await runCli(['emit', '--user', '42', '--event', 'hello', '--payload', '{"n":1}'], options);
    expect(emit).toMatchObject({ code: 0, stdout: expect.stringContaining('1 recipient') });
    expect((await join.exit).code).toBe(0);
    expect(JSON.parse(join.stdout)).toMatchObject({ event: 'hello', payload: { n: 1 } });
    expect((await server.stop()).code).toBe(0);
  });

  test('check proves the specifications', async () => {
    const { code, stdout } = await runCli(['check', '--json'], { ...options, timeoutMs: 120_000 });
    expect(JSON.parse(stdout)).toMatchObject({ failed: 0 });
    expect(code).toBe(0);
  });

  test('load says how to get Artillery', async () => {
    const { code, stderr } = await runCli(['load', 'limits'], options);
    expect(code).toBe(2);
    expect(stderr).toMatch(/npm i(?:nstall)? .*artillery/);
  });

  test('a starter configuration in TypeScript is read', async () => {
    expect((await runCli(['config', 'init'], options)).code).toBe(0);
    expect((await runCli(['config'], options)).stderr).toContain('rtserver.config.ts');
    rmSync(join(installed.folder, 'rtserver.config.ts'));
  });
});

describe('in a program', () => {
  const SOURCE = `
    import { createRealtimeServer, defineConfig, defineEvents, type RealtimeServer } from 'rtserver';
    import { connect, type RealtimeClient } from 'rtserver/client';
    import { createTestServer, nextEvent } from 'rtserver/testing';
    import { z } from 'zod';
    const events = defineEvents({ news: z.object({ n: z.number() }) });
    export const config = defineConfig({ events, limits: { connectionsPerUser: 5 } });
    // @ts-expect-error: a misspelt key
    defineConfig({ limts: {} });
    export const server: RealtimeServer<typeof events> = await createRealtimeServer({ events, auth: { secret: 'x' } });
    export const client: RealtimeClient<typeof events> = connect<typeof events>(server.url);
    const test = await createTestServer({ events });
    export const n: number = (await nextEvent(await test.connectAs('42'), 'news')).n;
    // @ts-expect-error: a payload of another type
    server.emitter.emit('news', { n: 'one' });`;

  test.for(['node16', 'bundler'])('the types resolve under %s', async (resolution) => {
    const { folder } = installed;
    for (const name of ['typescript', '@types/node']) linkOnce(folder, name);
    writeFileSync(join(folder, 'consumer.ts'), SOURCE);
    const module = resolution === 'bundler' ? 'esnext' : resolution;
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--types', 'node'];
    const args = [...flags, '--module', module, '--moduleResolution', resolution, 'consumer.ts'];
    const result = await run(process.execPath, ['node_modules/typescript/bin/tsc', ...args], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    expect(result.stdout).toBe('');
  });

  test('import and require() give the same library', async () => {
    const names = (of: string) =>
      `JSON.stringify(['createRealtimeServer', 'defineConfig', 'realtime'].map((k) => typeof ${of}[k]))`;
    const expected = '["function","function","object"]\n';
    const evaluate = (script: string, type: string) =>
      run(process.execPath, ['--no-warnings', `--input-type=${type}`, '--eval', script], { cwd: installed.folder });
    const esm = await evaluate(`import * as rt from 'rtserver'; console.log(${names('rt')})`, 'module');
    expect(esm.stdout).toBe(expected);
    // Every Node that the package supports can require a module without top-level await.
    const cjs = await evaluate(
      `const rt = require('rtserver'); require('rtserver/client'); require('rtserver/testing'); console.log(${names('rt')})`,
      'commonjs',
    );
    expect(cjs.stdout).toBe(expected);
  });
});

const linked = new Set<string>();
function linkOnce(folder: string, name: string): void {
  if (
    !linked.has(name) &&
    !readdirSync(join(folder, 'node_modules', name, '..')).includes(name.split('/').at(-1) ?? '')
  ) {
    linkTool(folder, name);
  }
  linked.add(name);
}
