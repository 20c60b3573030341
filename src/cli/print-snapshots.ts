import type { Watch } from '../client/watch.ts';
import { RtError } from '../contract/errors.ts';
import { type AnyRow, ROWS_MAX, type Snapshot, type WatchQuery, type Welcome } from '../contract/snapshot.ts';
import type { Credentials } from './admin-session.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { ServerLocation } from './locate-server.ts';
import { aborted } from './signals.ts';

export interface PrintOptions {
  query: WatchQuery;
  /** Rows, at most; of a stream no more than a snapshot holds. */
  limit: number;
  isJson: boolean;
  /** One snapshot, else one after the other. */
  isOnce: boolean;
}

/** Snapshots as text or JSON: nothing of the dashboard is loaded. */
export async function printSnapshots(
  { output, outputClosed, io }: Context,
  { url, path }: ServerLocation,
  { token }: Credentials,
  { query, limit, isJson, isOnce }: PrintOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const [{ openWatch }, { renderOnce }] = await Promise.all([import('../client/watch.ts'), import('../tui/once.ts')]);
  let watch: Watch | undefined;
  let asked = 0;
  let rows: AnyRow[] = [];

  function ask(): void {
    asked++;
    watch?.ask({ ...query, id: asked, offset: rows.length, size: Math.min(ROWS_MAX, limit - rows.length) });
  }

  const printing = new Promise<void>((resolve, reject) => {
    let about: Welcome | undefined;

    function onSnapshot(snapshot: Snapshot): void {
      if (about === undefined || snapshot.query !== asked) return;
      const fresh = isOnce ? withoutKnown(snapshot.rows, rows) : snapshot.rows;
      rows = isOnce ? [...rows, ...fresh] : fresh;
      if (isOnce && rows.length < limit && fresh.length > 0 && !isLast(snapshot)) {
        ask();
        return;
      }
      print({ ...snapshot, offset: 0, rows }, about);
      if (isOnce) resolve();
    }

    watch = openWatch(
      url,
      { token, path },
      {
        welcome: (welcome) => {
          about = welcome;
        },
        snapshot: onSnapshot,
        status(status) {
          if (status.state === 'refused') reject(status.error);
          else if (status.state === 'lost') reject(new RtError('SERVER_UNREACHABLE', { reason: status.reason }));
        },
      },
    );
    ask();
  });

  function print(snapshot: Snapshot, about: Welcome): void {
    const { query: _, ...rest } = snapshot;
    if (isJson) output.json({ ...rest, shown: rows.length, server: about });
    else output.line(renderOnce(snapshot, about, io.stdout.columns ?? 160));
  }

  try {
    return await Promise.race([
      printing.then(() => EXIT.done),
      aborted(signal).then(() => EXIT.interrupted),
      aborted(outputClosed).then(() => EXIT.done),
    ]);
  } finally {
    watch?.close();
  }
}

/** From one page to the next, rows change places. */
function withoutKnown(rows: readonly AnyRow[], known: readonly AnyRow[]): AnyRow[] {
  const keys = new Set(known.map(({ key }) => key));
  return rows.filter(({ key }) => !keys.has(key));
}

const isLast = ({ offset, rows, matching, reach = matching }: Snapshot) => offset + rows.length >= reach;
