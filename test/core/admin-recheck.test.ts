import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { expect, onTestFinished, test, vi } from 'vitest';
import { RtError } from '../../src/contract/errors.ts';
import type { StatLimits } from '../../src/contract/stats.ts';
import { type AdminCore, openAdminNamespace } from '../../src/core/admin-namespace.ts';
import type { RtServer } from '../../src/core/connection.ts';
import { until } from '../support/until.ts';
import { watch } from '../support/watch.ts';

test('a viewer stays while its token cannot be checked, and is told when that is good no more', async () => {
  // The re-check alone: sockets live by other timers.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const http = createServer();
  const io = new Server(http);
  onTestFinished(() => io.close());
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const core = { observed: {}, io, log, isDraining: () => false, countConnect() {} } as unknown as AdminCore;
  const checked = [undefined, new RtError('KEYS_UNAVAILABLE'), new Error('disk'), undefined, new Error('disk')];
  let checks = 0;
  openAdminNamespace(io as unknown as RtServer, core, {
    async authorize() {
      const trouble = checks < checked.length ? checked[checks] : new RtError('TOKEN_INVALID');
      checks++;
      if (trouble !== undefined) throw trouble;
    },
    ...{ addressOf: () => '', bus: undefined, readLimits: () => ({}) as StatLimits },
    readProcess: () => ({ rssBytes: 0, cpuMs: 0 }),
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { seen } = watch(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, 'any');
  await until(() => seen.welcome);
  for (const at of [...checked.keys()]) {
    await until(() => checks === at + 1);
    vi.advanceTimersByTime(5_000);
  }
  await until(() => seen.statuses.at(-1)?.state === 'refused');
  expect(seen.statuses.at(-1)).toMatchObject({ error: { code: 'TOKEN_REVOKED' } });
  expect(log.warn.mock.calls).toMatchObject([
    ['viewer.failed', { err: { code: 'KEYS_UNAVAILABLE' } }],
    ['viewer.failed', { err: { message: 'disk' } }],
  ]);
  expect(log.info).toHaveBeenCalledWith('connection.closed', expect.objectContaining({ reason: 'TOKEN_INVALID' }));
});
