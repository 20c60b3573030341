import type { Bus } from '../contract/cluster.ts';
import { type NodeHealth, ROWS_MAX, type Snapshot, type SnapshotFigures, type ViewName } from '../contract/snapshot.ts';
import { countDistinct, type Sketch } from './distinct.ts';
import { NAMES_SKETCHED, type SnapshotPart, type Snapshots } from './snapshot.ts';
import { mergeFigures, mergeRows, type NodeRows } from './snapshot-merge.ts';
import { isAboutUsers, type ResolvedQuery } from './snapshot-query.ts';
import { addUpShares, ROWS_REACHABLE } from './snapshot-shares.ts';

/** Snapshots of the whole cluster, asked through any of its nodes. */
export interface ClusterSnapshots {
  take(query: ResolvedQuery, lateMs: number): Promise<Snapshot>;
}

/** A node that takes longer is missing from this snapshot. */
const ANSWER_MS = 400;

type Flow = Pick<SnapshotFigures, 'received' | 'emitted' | 'delivered'>;

export function createClusterSnapshots(own: () => Snapshots, bus: Bus): ClusterSnapshots {
  const known = new Map<string, NodeHealth>();
  const addUp = createFlow();

  /** Those that answered, then those that did and do not any more. */
  function recall(answered: readonly NodeHealth[], isMissing: boolean): NodeHealth[] {
    const before = new Map(known);
    known.clear();
    for (const health of answered) before.delete(health.node);
    const silent = isMissing ? [...before.values()].map((health): NodeHealth => ({ ...health, isMissing: true })) : [];
    const all = [...answered, ...silent];
    for (const health of all) known.set(health.node, health);
    return all;
  }

  /** Of a row that a node did not send, since it has so many others, the others know only their part. */
  async function complete(here: Snapshots, view: 'rooms' | 'users', query: ResolvedQuery, shown: NodeRows['rows']) {
    const keys = shown.map(({ key }) => key);
    const { answers } = await bus.ask<NodeRows>('top-rows', { view, keys }, ANSWER_MS);
    return mergeRows(view, [here.rowsOf(view, keys), ...answers], query);
  }

  return {
    async take(query, lateMs) {
      // Who is first on no node may be first in all: more than the page is looked at.
      const { view } = query;
      const least = isSummed(view) ? ROWS_MAX : 0;
      const size = Math.min(ROWS_REACHABLE, Math.max(least, query.offset + query.size));
      const wide = { ...query, offset: 0, size };
      const asked = bus.ask<SnapshotPart>('top', wide, ANSWER_MS);
      // Once: by the time that the others have answered, the viewer may have left.
      const here = own();
      const mine = here.part(wide, lateMs);
      const { answers, missing } = await asked;
      const parts: readonly [SnapshotPart, ...SnapshotPart[]] = [mine, ...answers];
      const snapshots = parts.map(({ snapshot }) => snapshot);
      const nodes = recall(
        parts.map(({ health }) => health),
        missing !== 0,
      );
      const users = distinct(parts.map((part) => part.users));
      const rooms = distinct(parts.map((part) => part.rooms));
      const merged = mergeRows(view, parts.map(toRows), query);
      const shares = snapshots.map(({ matching, all, rows: { length: sent } }) => ({ matching, all, sent }));
      const names = isAboutUsers(query) ? users : rooms;
      const { matching, all, reach, isCut } = addUpShares(shares, merged.length, isSummed(view) ? names : undefined);
      const offset = Math.max(0, Math.min(query.offset, reach - query.size));
      const rows = merged.slice(offset, offset + query.size);
      const { socket: _, ...rest } = mine.snapshot;
      const socket = snapshots.find((snapshot) => snapshot.socket)?.socket;
      // Where a node is missing, its sockets are not known to be gone.
      const isGone = query.socket !== undefined && socket === undefined && missing === 0;
      return {
        ...rest,
        figures: {
          ...mergeFigures([mine.snapshot.figures, ...answers.map(({ snapshot }) => snapshot.figures)]),
          ...addUp(parts, nodes),
          ...{ users, rooms },
        },
        ...{ matching, all, offset, ...(reach !== matching && { reach }) },
        rows: isSummed(view) && isCut ? await complete(here, view, query, rows) : rows,
        cluster: { nodes, missingNodes: missing },
        ...(socket ? { socket } : isGone && { socket: null }),
      };
    },
  };
}

const isSummed = (view: ViewName) => view === 'rooms' || view === 'users';

const distinct = (names: readonly Sketch[]) => countDistinct(names, NAMES_SKETCHED);

const toRows = ({ snapshot: { rows }, members }: SnapshotPart): NodeRows => ({
  rows,
  ...(members !== undefined && { members }),
});

/**
 * Adds counters up over nodes that come and go: what a node counted before it was first seen is no event of now, and what one
 * counted that is gone was one.
 */
function createFlow(): (parts: readonly SnapshotPart[], known: readonly NodeHealth[]) => Flow {
  const last = new Map<string, Flow>();
  const sum: Flow = { received: 0, emitted: 0, delivered: 0 };
  let isFirst = true;
  return (parts, known) => {
    for (const node of last.keys()) if (!known.some((each) => each.node === node)) last.delete(node);
    for (const { health, snapshot } of parts) {
      const { received, emitted, delivered } = snapshot.figures;
      const now = { received, emitted, delivered };
      const before = last.get(health.node) ?? (isFirst ? { received: 0, emitted: 0, delivered: 0 } : now);
      for (const key of ['received', 'emitted', 'delivered'] as const) sum[key] += Math.max(0, now[key] - before[key]);
      last.set(health.node, now);
    }
    isFirst = false;
    return { ...sum };
  };
}
