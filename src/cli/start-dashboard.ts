import type { ReadStream, WriteStream } from 'node:tty';
import { toReachable } from '../contract/server-url.ts';
import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import type { LogTail } from './log-tail.ts';
import type { FoundSecret } from './secrets.ts';
import type { RunningServer } from './serve.ts';
import { signToken, TERMINAL_TOKEN_MS } from './sign-token.ts';

export interface DashboardOptions {
  /** Tokens are made with it. */
  secret: FoundSecret | undefined;
  tail: LogTail;
  signal: AbortSignal;
  /** Of an error that nobody caught, before it is logged. */
  crash: AbortSignal;
}

/**
 * Shows the dashboard of a server in this process, its log at hand. Resolves, when it is left, to whether the server is to
 * be stopped too.
 */
export async function showDashboard(
  { io }: Context,
  server: RunningServer,
  { secret, tail, signal, crash }: DashboardOptions,
): Promise<boolean> {
  const release = () => tail.release(io.stdout);
  // The screen has been given back by then, and what was wrong is to be read on it.
  crash.addEventListener('abort', release, { once: true });
  try {
    const token = tokenFor(io.env['RTSERVER_TOKEN'], server, secret);
    const [{ openWatch }, { mountTop }] = await Promise.all([import('../client/watch.ts'), import('../tui/mount.ts')]);
    const url = toReachable(server.url);
    const { stopsServer } = await mountTop({
      ...{ url, token, signal: AbortSignal.any([signal, crash]) },
      watch: (listener) => openWatch(url, { token, path: server.settings.path }, listener),
      stdin: io.stdin as ReadStream,
      stdout: io.stdout as unknown as WriteStream,
      isColoured: !io.env['NO_COLOR'],
      followLog: tail.follow,
    });
    return stopsServer;
  } catch (error) {
    await server.close();
    throw error;
  } finally {
    release();
  }
}

function tokenFor(said: string | undefined, { settings }: RunningServer, secret: FoundSecret | undefined) {
  if (secret === undefined) {
    if (said) return () => said;
    throw usageError(
      '--tui needs the token of an administrator, and none can be made here: the key is elsewhere',
      'Next: set RTSERVER_TOKEN to one, or leave out --tui.',
    );
  }
  const { auth } = settings;
  const admin = { userId: 'rtserver-cli', expiresInMs: TERMINAL_TOKEN_MS, claims: { scope: 'admin' } };
  return () => signToken({ secret, auth, rules: auth, path: undefined }, admin);
}
