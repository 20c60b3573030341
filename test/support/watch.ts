import { onTestFinished } from 'vitest';
import { openWatch, type WatchStatus } from '../../src/client/watch.ts';
import type { Snapshot, WatchQuery, Welcome } from '../../src/contract/snapshot.ts';

/** Watches until the test ends; `snapshot` is the last one. */
export function watch(url: string, token: string | (() => string), query: WatchQuery = { view: 'sockets' }) {
  const seen: { welcome?: Welcome; snapshot?: Snapshot; count: number; statuses: WatchStatus[] } = {
    count: 0,
    statuses: [],
  };
  const watching = openWatch(
    url,
    { token: typeof token === 'string' ? () => token : token },
    {
      welcome: (welcome) => {
        seen.welcome = welcome;
      },
      snapshot: (snapshot) => {
        seen.snapshot = snapshot;
        seen.count++;
      },
      status: (status) => void seen.statuses.push(status),
    },
  );
  onTestFinished(() => watching.close());
  watching.ask({ intervalMs: 200, ...query });
  const rows = <Row>() => (seen.snapshot?.rows ?? []) as Row[];
  return { seen, rows, ask: watching.ask, close: watching.close };
}
