import { expect } from 'vitest';
import { openWire } from '../../src/wire/open-wire.ts';
import { until } from '../support/until.ts';
import { type BuiltServer, readStats, type TestedServer } from './built-server.ts';

/** Waits until nothing is left of anybody: no connection, user, room or slot. */
export async function untilEmpty(server: TestedServer): Promise<void> {
  await until(
    async () => {
      const { connections, users, rooms, slots } = await readStats(server);
      const left = { connections, users, rooms, slots };
      if (Object.values(left).some((count) => count !== 0)) throw new Error(`left over: ${JSON.stringify(left)}`);
      return true;
    },
    { what: 'an empty server' },
  );
}

/** A new client gets in, is answered, and may leave: whatever happened before, the server serves. */
export async function expectService({ url, token }: TestedServer): Promise<void> {
  const wire = await openWire(url, { timeoutMs: 15_000 });
  const answer = await wire.connect({ auth: { token: token('somebody-else') }, timeoutMs: 15_000 });
  expect(answer).toMatchObject({ ok: true });
  expect(await wire.emitWithAck('ping', undefined, { timeoutMs: 15_000 })).toMatchObject({ ok: true });
  await wire.close();
}

/** Nothing went wrong inside: no handler that failed, no error in the log, no word on stderr, and the process lives. */
export function expectNoTrouble({ cli }: BuiltServer): void {
  expect(cli.hasExited).toBe(false);
  const errors = cli.stdout.split('\n').filter((line) => /"level":(50|60)|handler\.failed/.test(line));
  expect(errors).toEqual([]);
  expect(cli.stderr).toBe('');
}

/** All of the above, in the order in which it can hold. */
export async function expectAftermath(server: BuiltServer): Promise<void> {
  await expectService(server);
  await untilEmpty(server);
  expectNoTrouble(server);
}
