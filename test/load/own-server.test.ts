import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isOfInterrupt, startOwnServer } from '../../src/load/own-server.ts';
import { createRunFolder } from '../../src/load/run-folder.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('restarts one after the other on the same port, and not after it was closed', async () => {
  const server = await startOwnServer({}, tempFolder(), process.env);
  onTestFinished(() => server.close());
  await Promise.all([server.restart(), server.restart()]);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const restarted = server.restart();
  const closed = server.close();
  const late = server.restart();
  await expect(late).rejects.toThrow('the run is over');
  await Promise.allSettled([restarted, closed]);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test('may have workers', async () => {
  const server = await startOwnServer({ workers: 2 }, tempFolder(), process.env);
  onTestFinished(() => server.close());
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test('a new run removes the folder of one that was killed, and none of another machine', async () => {
  const parent = tempFolder();
  vi.stubEnv('TMPDIR', parent);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { pid: dead } = spawnSync(process.execPath, ['--version']);
  const ours = join(parent, `rtserver-load-${hostname()}-${dead}-abcdef`);
  const others = join(parent, `rtserver-load-${hostname()}-${dead}-${dead}-abcdef`);
  for (const folder of [ours, others]) mkdirSync(folder);
  const created = await createRunFolder();
  expect(basename(created)).toMatch(`rtserver-load-${hostname()}-${process.pid}-`);
  expect([existsSync(ours), existsSync(others)]).toEqual([false, true]);
});

test.for([
  ['obeyed the same signal, and was heard a moment earlier', 0, null, 9_500, 10_000, true],
  ['had not come up yet when it came', null, 'SIGTERM', 9_500, 10_000, true],
  ['died of something else a moment earlier', 70, null, 9_500, 10_000, false],
  ['was killed a moment earlier', null, 'SIGKILL', 9_500, 10_000, false],
  ['had ended long before', 0, null, 5_000, 10_000, false],
  ['ended after it, however', 70, null, 10_000, 10_000, true],
  ['ended, and nobody interrupted the run', 0, null, 10_000, undefined, false],
] as const)('an end is that of an interrupted run, or not: it %s', ([, code, signal, at, interruptedAt, isOf]) => {
  expect(isOfInterrupt({ code, signal, at, lastLines: [] }, interruptedAt)).toBe(isOf);
});
