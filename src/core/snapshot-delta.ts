import type { AnyRow, Snapshot, SnapshotDelta } from '../contract/snapshot.ts';

/** In characters of JSON: far more than a screen of rows takes. */
const SIZE_MAX = 300_000;

/** Leaves out of each snapshot the rows that its viewer has already, and never grows beyond its bound. */
export function createDeltas(): (snapshot: Snapshot) => SnapshotDelta {
  let before = new Map<string, { at: number; json: string }>();

  return (snapshot) => {
    const after: typeof before = new Map();
    const rows: (AnyRow | number)[] = [];
    let size = 0;
    for (const row of snapshot.rows) {
      const json = JSON.stringify(row);
      size += json.length;
      if (size > SIZE_MAX) break;
      const known = before.get(row.key);
      rows.push(known?.json === json ? known.at : row);
      after.set(row.key, { at: rows.length - 1, json });
    }
    before = after;
    return { ...snapshot, rows };
  };
}
