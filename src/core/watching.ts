import type { Bus } from '../contract/cluster.ts';
import type { TakeSnapshot } from './admin-viewer.ts';
import type { Observed } from './observe.ts';
import type { Snapshots } from './snapshot.ts';
import { createClusterSnapshots } from './snapshot-cluster.ts';
import type { ResolvedQuery } from './snapshot-query.ts';

/** Things are noted while somebody watches, here or through another node. */
export interface Watching {
  take: TakeSnapshot;
  /** A viewer came to this node; `end` when the last one has left. */
  begin(): void;
  end(): void;
  close(): void;
}

/** Nobody says that a viewer of another node has left. */
const FORGET_MS = 5_000;

export function createWatching(observed: Observed, create: () => Snapshots, bus: Bus | undefined): Watching {
  let snapshots: Snapshots | undefined;
  let isViewed = false;
  let elsewhere: NodeJS.Timeout | undefined;

  function open(): Snapshots {
    snapshots ??= create();
    observed.by = snapshots.observation;
    return snapshots;
  }

  function stopIfUnwatched(): void {
    if (isViewed || elsewhere !== undefined) return;
    observed.by = undefined;
    snapshots?.close();
    snapshots = undefined;
  }

  function watchFor(ms: number): Snapshots {
    clearTimeout(elsewhere);
    elsewhere = setTimeout(() => {
      elsewhere = undefined;
      stopIfUnwatched();
    }, ms);
    elsewhere.unref();
    return open();
  }

  bus?.answer('top', (query: ResolvedQuery) => watchFor(2 * query.intervalMs + FORGET_MS).part(query, 0));
  bus?.answer('top-rows', ({ view, keys }: { view: 'rooms' | 'users'; keys: string[] }) =>
    snapshots?.rowsOf(view, keys),
  );
  const everywhere = bus === undefined ? undefined : createClusterSnapshots(open, bus);

  return {
    take: (query, lateMs) => everywhere?.take(query, lateMs) ?? open().take(query, lateMs),
    begin() {
      isViewed = true;
      open();
    },
    end() {
      isViewed = false;
      stopIfUnwatched();
    },
    close() {
      clearTimeout(elsewhere);
      elsewhere = undefined;
      isViewed = false;
      stopIfUnwatched();
    },
  };
}
