import type { ReadStream, WriteStream } from 'node:tty';
import type { ViewName } from '../contract/snapshot.ts';
import type { Credentials } from './admin-session.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { ServerLocation } from './locate-server.ts';
import { brokenRecording, openRecording } from './recording.ts';

export interface TopOptions {
  view: ViewName;
  filter: string;
  sort: string | undefined;
  intervalMs: number;
  isReadOnly: boolean;
  /** The file of `--record`, and whether it may be overwritten. */
  record: string | undefined;
  isForced: boolean;
}

/** Shows the dashboard of a server that runs, until it is left. */
export async function showTop(
  { io }: Context,
  { url, path }: ServerLocation,
  { token }: Credentials,
  { record, isForced, ...options }: TopOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const file = record === undefined ? undefined : openRecording(record, isForced);
  const [{ openWatch }, { mountTop }] = await Promise.all([import('../client/watch.ts'), import('../tui/mount.ts')]);
  let wasThere = false;
  try {
    const { interrupted, brokenRecording: cause } = await mountTop({
      ...options,
      url,
      token,
      signal,
      watch: (listener) =>
        openWatch(
          url,
          { token, path },
          {
            ...listener,
            welcome(about) {
              wasThere = true;
              listener.welcome(about);
            },
          },
        ),
      stdin: io.stdin as ReadStream,
      stdout: io.stdout as unknown as WriteStream,
      isColoured: !io.env['NO_COLOR'],
      record: file?.descriptor,
    });
    if (record !== undefined && cause !== undefined) {
      throw brokenRecording(record, cause, interrupted ? EXIT.interrupted : EXIT.broken);
    }
    return interrupted ? EXIT.interrupted : EXIT.done;
  } finally {
    if (!wasThere) file?.discard();
  }
}
