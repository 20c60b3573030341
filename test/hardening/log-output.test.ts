import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startCli, tempFolder } from '../support/run-cli.ts';
import { until } from '../support/until.ts';

function open(path: string, flags: number): number {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** A server whose log goes where the test wants it. */
async function startInto(stdout: number) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const cli = startCli(['start', '--port', new URL(url).port], { stdout });
  await until(() => isHealthy(url));
  return { cli, url };
}

async function isHealthy(url: string): Promise<boolean> {
  return (await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(5_000) })).ok;
}

/** Anonymous, and each leaves a line of several kilobytes in the log. */
async function beRefused(url: string, times: number): Promise<void> {
  const headers = { origin: `https://${'x'.repeat(6_000)}.example` };
  for (let done = 0; done < times; done++) {
    const response = await fetch(new URL('/socket.io/?EIO=4&transport=polling', url), { headers });
    expect(response.status).toBe(403);
    await response.arrayBuffer();
  }
}

test('a disk that is full is said once and stops nothing', async () => {
  const { cli, url } = await startInto(open('/dev/full', constants.O_WRONLY));
  await beRefused(url, 50);
  expect(await isHealthy(url)).toBe(true);
  expect(await cli.stop()).toEqual({ code: 0, signal: null });
  expect(cli.stderr).toMatch(/^warning: the log cannot be written \(ENOSPC[^\n]*\n$/);
});

test('a reader that stalls delays nothing, fills no memory, and is told what it missed', async () => {
  const fifo = join(tempFolder(), 'log');
  execFileSync('mkfifo', [fifo]);
  const reader = open(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const { cli, url } = await startInto(open(fifo, constants.O_WRONLY));
  await beRefused(url, 400);
  let log = '';
  const chunk = Buffer.alloc(65_536);
  await until(async () => {
    // A line more, which brings the note with it.
    await beRefused(url, 1);
    try {
      log += chunk.toString('utf8', 0, readSync(reader, chunk));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    return log.includes('"log.dropped"');
  });
  const note = log.split('\n').find((line) => line.includes('"log.dropped"')) ?? '';
  expect(JSON.parse(note)).toMatchObject({ level: 40, lines: expect.any(Number) });
  expect(JSON.parse(note).lines).toBeGreaterThan(100);
  await beRefused(url, 400);
  expect(await cli.stop()).toEqual({ code: 0, signal: null });
});

test('a reader that leaves stops nothing', async () => {
  const fifo = join(tempFolder(), 'log');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const { cli, url } = await startInto(open(fifo, constants.O_WRONLY));
  closeSync(reader);
  await beRefused(url, 20);
  expect(await cli.stop()).toEqual({ code: 0, signal: null });
  expect(cli.stderr).toMatch(/^warning: the log cannot be written \([^\n]*EPIPE[^\n]*\n$/);
});
