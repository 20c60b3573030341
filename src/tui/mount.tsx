import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { render } from 'ink';
import { type AdminClient, createAdminClient } from '../client/admin.ts';
import type { Watch, WatchListener } from '../client/watch.ts';
import { RtError } from '../contract/errors.ts';
import { INTERVAL_DEFAULT_MS, type ViewName } from '../contract/snapshot.ts';
import { App, type AppProps } from './app.tsx';
import { createPainter, type Painter } from './painter.ts';
import { createPerform } from './perform.ts';
import { createRecorder } from './recorder.ts';
import { createState, type ScreenSize } from './state.ts';

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
  /** File for a recording. */
  record?: string | undefined;
  /** Ends the dashboard from outside. */
  signal: AbortSignal;
  /** Where the server runs in this process: its log. Leaving then asks whether to stop it. */
  followLog?: AppProps['followLog'];
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

  const admin = createAdminClient({ url: options.url, token: options.token });
  const { url, isReadOnly = false, intervalMs = INTERVAL_DEFAULT_MS, sort, followLog } = options;
  const { view = 'rooms', filter = '' } = options;
  const props: Omit<AppProps, 'size'> = {
    initial: createState({ url, isReadOnly, intervalMs, isOwnServer: followLog !== undefined }, sizeNow(), {
      view,
      filter,
      sort,
      now: Date.now(),
    }),
    ports: portsOf(options, admin, painter, finish, fail),
    isColoured: options.isColoured,
    followLog,
  };
  const screen = new FrameStream(painter, sizeNow);
  const app = render(<App {...props} size={sizeNow()} />, {
    stdout: screen as unknown as WriteStream,
    stdin,
    // Frames as they are, whole: the painter finds out what changed.
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  app.waitUntilExit().catch(fail);
  const onResize = () => {
    recorder?.resize(sizeNow());
    app.rerender(<App {...props} size={sizeNow()} />);
    painter.resize();
  };
  stdout.on('resize', onResize);

  try {
    return await end;
  } finally {
    signal.removeEventListener('abort', onAbort);
    process.off('SIGHUP', onAbort);
    stdout.off('resize', onResize);
    app.unmount();
    painter.close();
    process.off('uncaughtExceptionMonitor', painter.close);
    process.off('exit', painter.close);
    await recorder?.close();
  }
}

function portsOf(
  { watch }: TopMountOptions,
  admin: AdminClient,
  painter: Painter,
  finish: (exit: TopExit) => void,
  fail: (error: unknown) => void,
): AppProps['ports'] {
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

/** What Ink takes for a terminal: hands its frames to the painter. */
class FrameStream extends EventEmitter {
  readonly #painter: Painter;
  readonly #size: () => ScreenSize;

  constructor(painter: Painter, size: () => ScreenSize) {
    super();
    this.#painter = painter;
    this.#size = size;
  }

  get columns(): number {
    return this.#size().columns;
  }

  get rows(): number {
    return this.#size().rows;
  }

  write(frame: string): boolean {
    this.#painter.paint(frame);
    return true;
  }
}
