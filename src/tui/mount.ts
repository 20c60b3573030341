import { type AdminClient, createAdminClient } from '../client/admin.ts';
import type { Watch, WatchListener } from '../client/watch.ts';
import { RtError } from '../contract/errors.ts';
import { INTERVAL_DEFAULT_MS, type ViewName } from '../contract/snapshot.ts';
import { createDashboard, type DashboardPorts } from './dashboard.ts';
import { safe } from './format.ts';
import { createPerform } from './perform.ts';
import { createState } from './state.ts';
import { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts';
import { renderScreen } from './views/screen.ts';

export interface TopMountOptions extends TerminalOptions {
  url: string;
  /** Begins to watch the server; whoever gets the answer closes it. */
  watch: (listener: WatchListener) => Watch;
  /** With the scope `admin`. */
  token: () => string | Promise<string>;
  isReadOnly?: boolean;
  intervalMs?: number;
  view?: ViewName;
  filter?: string;
  sort?: string | undefined;
  /** Ends the dashboard from outside. */
  signal: AbortSignal;
  /**
   * Where the server runs in this process: calls back with each batch of lines of its log, beginning with those that there
   * are; returns how to stop. Leaving then asks whether to stop the server.
   */
  followLog?: (onLines: (lines: readonly string[]) => void) => () => void;
}

/** How a dashboard ended. */
export interface TopExit {
  interrupted: boolean;
  stopsServer: boolean;
  /** What the recording broke off by. */
  brokenRecording?: Error | undefined;
}

/**
 * Shows the dashboard until somebody leaves it.
 *
 * @throws RtError when the server refuses, or was never there
 */
export async function mountTop(options: TopMountOptions): Promise<TopExit> {
  const { signal, url, token, isReadOnly = false, intervalMs = INTERVAL_DEFAULT_MS, sort, followLog } = options;
  const { view = 'rooms', filter = '' } = options;
  const { promise, finish, fail } = createEnd();
  const onAbort = () => finish({ interrupted: true, stopsServer: true });
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  const cleanUp: (() => void)[] = [() => signal.removeEventListener('abort', onAbort)];
  let brokenRecording: Error | undefined;
  let exit: TopExit;
  try {
    const terminal = openTerminal(options);
    cleanUp.push(() => {
      brokenRecording = terminal.close();
    });
    const start = { view, filter, sort, now: Date.now() };
    const own = { url, isReadOnly, intervalMs, isOwnServer: followLog !== undefined };
    const ports = portsOf(options, createAdminClient({ url, token }), terminal, finish, fail);
    const dashboard = createDashboard(createState(own, terminal.size(), start), ports);
    cleanUp.push(dashboard.close);
    const show = () => terminal.show(renderScreen(dashboard.state()));
    show();
    dashboard.subscribe(show);
    terminal.listen({
      keys: (keys) => dashboard.dispatch({ type: 'keys', keys }),
      resize: () => dashboard.dispatch({ type: 'resize', size: terminal.size() }),
      gone: onAbort,
      unrecorded: ({ message }) =>
        dashboard.dispatch({ type: 'notice', text: safe(`not recording any more: ${message}`), tone: 'bad' }),
    });
    const unfollowLog = followLog?.((lines) => dashboard.dispatch({ type: 'log', lines }));
    if (unfollowLog !== undefined) cleanUp.push(unfollowLog);
    exit = await promise;
  } finally {
    for (const step of cleanUp.reverse()) step();
  }
  return { ...exit, brokenRecording };
}

function createEnd() {
  let finish: (exit: TopExit) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<TopExit>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return { promise, finish, fail };
}

function portsOf(
  { watch }: TopMountOptions,
  admin: AdminClient,
  terminal: Terminal,
  finish: (exit: TopExit) => void,
  fail: (error: unknown) => void,
): DashboardPorts {
  let wasLive = false;
  return {
    watch: (listener) =>
      watch({
        ...listener,
        status(status) {
          if (status.state === 'live') {
            wasLive = true;
            terminal.beginRecording();
          }
          // A server that was never there is a mistake to report; one that is lost may come back.
          if (status.state === 'lost' && !wasLive) fail(new RtError('SERVER_UNREACHABLE', { reason: status.reason }));
          else if (status.state === 'refused') fail(status.error);
          else listener.status(status);
        },
      }),
    perform: createPerform(admin, terminal, finish),
  };
}
