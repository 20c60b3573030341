import type { ReadStream, WriteStream } from 'node:tty';
import { type AdminClient, createAdminClient } from '../client/admin.ts';
import type { Watch, WatchListener } from '../client/watch.ts';
import { RtError } from '../contract/errors.ts';
import { INTERVAL_DEFAULT_MS, type ViewName } from '../contract/snapshot.ts';
import { createDashboard, type Dashboard, type DashboardPorts } from './dashboard.ts';
import type { InkScreen, openInkScreen } from './ink-screen.tsx';
import { createPainter, type Painter } from './painter.ts';
import { createPerform } from './perform.ts';
import { createRecorder } from './recorder.ts';
import { createState, type ScreenSize } from './state.ts';
import { toAnsi } from './styles.ts';
import { renderScreen } from './views/screen.ts';

export interface TopMountOptions {
  url: string;
  /** Begins to watch the server; whoever gets the answer closes it. */
  watch: (listener: WatchListener) => Watch;
  /** With the scope `admin`. */
  token: () => string | Promise<string>;
  stdin: ReadStream;
  stdout: WriteStream;
  isColoured: boolean;
  isReadOnly?: boolean;
  intervalMs?: number;
  view?: ViewName;
  filter?: string;
  sort?: string | undefined;
  /** Descriptor of a file for a recording. */
  record?: number | undefined;
  /** Ends the dashboard from outside. */
  signal: AbortSignal;
  /**
   * Where the server runs in this process: calls back with each batch of lines of its log, beginning with those that there
   * are; returns how to stop. Leaving then asks whether to stop the server.
   */
  followLog?: (onLines: (lines: readonly string[]) => void) => () => void;
  /** Loads what reads the keys and draws, which takes longer than a server takes to answer. */
  loadInk: () => Promise<{ openInkScreen: typeof openInkScreen }>;
}

/** How a dashboard ended. */
export interface TopExit {
  interrupted: boolean;
  stopsServer: boolean;
}

/**
 * Shows the dashboard until somebody leaves it. The screen and the cursor are given back on every way out, that of an
 * error which nobody caught included.
 *
 * @throws RtError when the server refuses, or was never there
 */
export async function mountTop(options: TopMountOptions): Promise<TopExit> {
  const { stdout, stdin, signal } = options;
  const sizeNow = (): ScreenSize => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const recorder = options.record === undefined ? undefined : createRecorder(options.record, sizeNow());
  const painter = createPainter((text) => {
    stdout.write(text);
    recorder?.output(text);
  }, sizeNow);
  // Before Node prints what ended it: that belongs on the screen that stays.
  process.on('uncaughtExceptionMonitor', painter.close);
  process.on('exit', painter.close);

  let finish: (exit: TopExit) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const end = new Promise<TopExit>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const onAbort = () => finish({ interrupted: true, stopsServer: true });
  signal.addEventListener('abort', onAbort, { once: true });
  // The terminal is gone, or somebody says so. Not `once`: Ink ends the process when nobody else listens.
  process.on('SIGHUP', onAbort);
  if (signal.aborted) onAbort();

  const { url, token, isReadOnly = false, intervalMs = INTERVAL_DEFAULT_MS, sort, followLog, isColoured } = options;
  const { view = 'rooms', filter = '' } = options;
  const initial = createState({ url, isReadOnly, intervalMs, isOwnServer: followLog !== undefined }, sizeNow(), {
    view,
    filter,
    sort,
    now: Date.now(),
  });
  // From here on keys wait for Ink, and do not show up in the picture.
  stdin.setRawMode(true);
  const dashboard = createDashboard(
    initial,
    portsOf(options, createAdminClient({ url, token }), painter, finish, fail),
  );
  const unfollowLog = followLog?.((lines) => dashboard.dispatch({ type: 'log', lines }));
  const onResize = () => {
    recorder?.resize(sizeNow());
    dashboard.dispatch({ type: 'resize', size: sizeNow() });
    painter.resize();
  };
  stdout.on('resize', onResize);

  const paint = () => {
    const lines = renderScreen(dashboard.state());
    painter.paint(lines.map((line) => toAnsi(line, isColoured)).join('\n'));
  };
  paint();
  const stopPainting = dashboard.subscribe(paint);
  let isOver = false;
  let ink: InkScreen | undefined;
  async function showInk(): Promise<void> {
    // Loading it keeps the process from everything else.
    await untilPicture(dashboard);
    if (isOver) return;
    const { openInkScreen } = await options.loadInk();
    if (isOver) return;
    stopPainting();
    ink = openInkScreen({ dashboard, painter, stdin, isColoured, size: sizeNow, onError: fail });
  }

  try {
    showInk().catch(fail);
    return await end;
  } finally {
    isOver = true;
    signal.removeEventListener('abort', onAbort);
    process.off('SIGHUP', onAbort);
    stdout.off('resize', onResize);
    unfollowLog?.();
    stopPainting();
    dashboard.close();
    ink?.close();
    painter.close();
    stdin.setRawMode(false);
    process.off('uncaughtExceptionMonitor', painter.close);
    process.off('exit', painter.close);
    await recorder?.close();
  }
}

/** A server that takes longer than this to answer is not waited for: somebody may want to leave. */
const PICTURE_MS = 500;

/** Resolves when there are rows to see, or it is no use to wait for them. */
function untilPicture({ state, subscribe }: Dashboard): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(finish, PICTURE_MS);
    const unsubscribe = subscribe(() => state().page !== undefined && finish());
  });
}

function portsOf(
  { watch }: TopMountOptions,
  admin: AdminClient,
  painter: Painter,
  finish: (exit: TopExit) => void,
  fail: (error: unknown) => void,
): DashboardPorts {
  let wasLive = false;
  return {
    watch: (listener) =>
      watch({
        ...listener,
        status(status) {
          if (status.state === 'live') wasLive = true;
          // A server that was never there is a mistake to report; one that is lost may come back.
          if (status.state === 'lost' && !wasLive) fail(new RtError('SERVER_UNREACHABLE', { reason: status.reason }));
          else if (status.state === 'refused') fail(status.error);
          else listener.status(status);
        },
      }),
    perform: createPerform(admin, painter.send, finish),
  };
}
