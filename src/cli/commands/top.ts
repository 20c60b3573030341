import { openSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Command } from 'commander';
import type { Watch } from '../../client/watch.ts';
import { RtError } from '../../contract/errors.ts';
import {
  INTERVAL_DEFAULT_MS,
  INTERVAL_MAX_MS,
  INTERVAL_MIN_MS,
  ROWS_MAX,
  type Snapshot,
  SORTS,
  VIEWS,
  type ViewName,
  type WatchQuery,
  type Welcome,
} from '../../contract/snapshot.ts';
import { formatDuration } from '../../contract/units.ts';
import { type Credentials, explainRefusal, findAdminCredentials } from '../admin-session.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import {
  addExamples,
  addJsonFlag,
  addServerFlags,
  type JsonFlag,
  oneOf,
  type ServerFlags,
  toDurationMs,
  toName,
} from '../flags.ts';
import { locateServer, type ServerLocation } from '../locate-server.ts';
import { requireTerminal } from '../require-terminal.ts';
import { aborted, createInterrupt, type Interrupt } from '../signals.ts';

interface TopFlags extends ServerFlags, JsonFlag {
  once?: true;
  view: ViewName;
  filter?: string;
  sort?: string;
  interval: number;
  readOnly?: true;
  record?: string;
}

/** Long enough for a terminal that is left open over a working day. */
const TOKEN_MS = 24 * 3_600_000;

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Shows the rooms, sockets, users, events and refusals of a running server, live. Keys: ? in the dashboard.',
    )
    .option('--once', 'print one snapshot and end')
    .addOption(
      command
        .createOption('--view <view>', `begin with ${VIEWS.join(', ')}`)
        .argParser(oneOf(VIEWS))
        .default('rooms', 'rooms'),
    )
    .option('--filter <words>', 'rows that have all these words: alice  user:ali  sockets>3  !polling')
    .option('--sort <field>', 'a column of the view: its default is the first that the key o offers', toName)
    .addOption(
      command
        .createOption('--interval <duration>', 'time between two snapshots')
        .argParser(toDurationMs)
        .default(INTERVAL_DEFAULT_MS, formatDuration(INTERVAL_DEFAULT_MS)),
    )
    .option('--read-only', 'no kicking and no emitting')
    .option('--record <file>', 'write the session down as an asciicast (asciinema play FILE)', toName);
  addJsonFlag(command, 'print snapshots, one a line; with --once one');
  addServerFlags(command);
  addExamples(command, [
    'rtserver top',
    'rtserver top --view sockets --filter user:42 --sort buffered',
    'rtserver top --once --json',
    'rtserver top --url https://api.example --token "$ADMIN_TOKEN" --read-only',
  ]);
  command.action(async (flags: TopFlags) => {
    context.exitCode = await top(context, flags);
  });
}

async function top(context: Context, flags: TopFlags): Promise<ExitCode> {
  checkFlags(context, flags);
  const server = await locateServer(context, flags);
  const credentials = await findAdminCredentials(context, flags, server, TOKEN_MS);
  const interrupt = createInterrupt();
  try {
    return await (flags.once || flags.json ? print : show)(context, flags, server, credentials, interrupt);
  } catch (error) {
    throw explainRefusal(error, server, credentials);
  } finally {
    interrupt.close();
  }
}

function checkFlags(context: Context, { view, sort, interval, once, json, record }: TopFlags): void {
  const sorts: readonly string[] = SORTS[view];
  if (sort !== undefined && !sorts.includes(sort)) {
    throw usageError(`--sort ${sort} is no column of ${view}`, `Next: --sort with one of ${sorts.join(', ')}.`);
  }
  if (interval < INTERVAL_MIN_MS || interval > INTERVAL_MAX_MS) {
    throw usageError(
      `--interval must be ${formatDuration(INTERVAL_MIN_MS)} to ${formatDuration(INTERVAL_MAX_MS)}`,
      `Next: leave it out for ${formatDuration(INTERVAL_DEFAULT_MS)}.`,
    );
  }
  if (once || json) {
    if (record === undefined) return;
    throw usageError(
      '--record records the dashboard: without one there is nothing to record',
      'Next: leave out --record, or --once and --json.',
    );
  }
  requireTerminal(
    context,
    'the dashboard',
    'Next: rtserver top --once prints one snapshot, rtserver top --json one a line.',
  );
}

async function show(
  { io }: Context,
  flags: TopFlags,
  { url, path }: ServerLocation,
  { token }: Credentials,
  { signal }: Interrupt,
): Promise<ExitCode> {
  const record = flags.record === undefined ? undefined : openRecording(flags.record);
  const [{ openWatch }, { mountTop }] = await Promise.all([
    import('../../client/watch.ts'),
    import('../../tui/mount.ts'),
  ]);
  const { interrupted } = await mountTop({
    ...{ url, token, signal },
    watch: (listener) => openWatch(url, { token, path }, listener),
    stdin: io.stdin as ReadStream,
    stdout: io.stdout as unknown as WriteStream,
    isColoured: !io.env['NO_COLOR'],
    isReadOnly: flags.readOnly === true,
    intervalMs: flags.interval,
    view: flags.view,
    filter: flags.filter ?? '',
    sort: flags.sort,
    record,
  });
  return interrupted ? EXIT.interrupted : EXIT.done;
}

/** Before the dashboard: a file that cannot be written must not be found out about when all is over. */
function openRecording(path: string): number {
  try {
    // What is on the screen is for its owner: users, addresses, maybe payloads.
    return openSync(path, 'w', 0o600);
  } catch (cause) {
    throw usageError(`--record names a file that cannot be written: ${path}`, [], { cause });
  }
}

/** Snapshots as text or JSON: nothing of the dashboard is loaded. */
async function print(
  context: Context,
  flags: TopFlags,
  { url, path }: ServerLocation,
  { token }: Credentials,
  { signal }: Interrupt,
): Promise<ExitCode> {
  const { output, outputClosed, io } = context;
  const { openWatch } = await import('../../client/watch.ts');
  const { renderOnce } = await import('../../tui/once.ts');
  const { view, filter = '', sort, interval: intervalMs } = flags;
  const query: WatchQuery = { view, filter, size: ROWS_MAX, intervalMs, ...(sort !== undefined && { sort }) };
  let watch: Watch | undefined;
  const printing = new Promise<void>((resolve, reject) => {
    let about: Welcome | undefined;
    const onSnapshot = (snapshot: Snapshot) => {
      if (about === undefined) return;
      const { query: _, ...rest } = snapshot;
      if (flags.json) output.json({ ...rest, server: about });
      else output.line(renderOnce(snapshot, about, io.stdout.columns ?? 160));
      if (flags.once) resolve();
    };
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
    watch.ask(query);
  });
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
