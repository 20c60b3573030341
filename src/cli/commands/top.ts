import type { Command } from 'commander';
import { FILTER_FIELDS, filterProblem } from '../../contract/filter.ts';
import {
  INTERVAL_DEFAULT_MS,
  INTERVAL_MAX_MS,
  INTERVAL_MIN_MS,
  ROWS_MAX,
  SORTS,
  VIEWS,
  type ViewName,
} from '../../contract/snapshot.ts';
import { formatDuration } from '../../contract/units.ts';
import { explainRefusal, findAdminCredentials } from '../admin-session.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import {
  addExamples,
  addJsonFlag,
  addServerFlags,
  type JsonFlag,
  oneOf,
  type ServerFlags,
  toCount,
  toDurationMs,
  toName,
} from '../flags.ts';
import { locateServer } from '../locate-server.ts';
import { type PrintOptions, printSnapshots } from '../print-snapshots.ts';
import { requireTerminal } from '../require-terminal.ts';
import { TERMINAL_TOKEN_MS } from '../sign-token.ts';
import { createInterrupt } from '../signals.ts';
import { showTop, type TopOptions } from '../top-dashboard.ts';

interface TopFlags extends ServerFlags, JsonFlag {
  once?: true;
  view: ViewName;
  filter?: string;
  sort?: string | undefined;
  interval: number;
  limit?: number;
  readOnly?: true;
  record?: string;
  force?: true;
}

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
    .option('--limit <n>', `with --once or --json: at most so many rows (default: ${ROWS_MAX})`, toCount)
    .addOption(
      command
        .createOption('--interval <duration>', 'time between two snapshots')
        .argParser(toDurationMs)
        .default(INTERVAL_DEFAULT_MS, formatDuration(INTERVAL_DEFAULT_MS)),
    )
    .option('--read-only', 'no kicking and no emitting')
    .option('--record <file>', 'write the session down in a new file, as an asciicast (asciinema play FILE)', toName)
    .option('--force', 'overwrite the file of --record');
  addJsonFlag(
    command,
    'print snapshots, one a line; with --once one. Of the rows, `all` says how many there are, `matching` how many pass the filter, `shown` how many of those are in it',
  );
  addServerFlags(command);
  addExamples(command, [
    'rtserver top',
    'rtserver top --view sockets --filter user:42 --sort buffered',
    'rtserver top --once --json --view sockets --limit 5000',
    'rtserver top --url https://api.example --token "$ADMIN_TOKEN" --read-only',
  ]);
  command.action(async (flags: TopFlags) => {
    context.exitCode = await top(context, flags);
  });
}

async function top(context: Context, flags: TopFlags): Promise<ExitCode> {
  checkFlags(context, flags);
  const sort = await findSort(flags);
  const server = await locateServer(context, flags);
  const credentials = await findAdminCredentials(context, flags, server, TERMINAL_TOKEN_MS);
  const interrupt = createInterrupt();
  try {
    return flags.once || flags.json
      ? await printSnapshots(context, server, credentials, toPrintOptions(flags, sort), interrupt.signal)
      : await showTop(context, server, credentials, toTopOptions(flags, sort), interrupt.signal);
  } catch (error) {
    throw explainRefusal(error, server, credentials);
  } finally {
    interrupt.close();
  }
}

function checkFlags(
  context: Context,
  { view, filter = '', interval, limit, once, json, record, force }: TopFlags,
): void {
  const problem = filterProblem(view, filter);
  if (problem !== undefined) {
    throw usageError(
      `--filter ${filter}: ${problem}`,
      `Next: one of ${FILTER_FIELDS[view].join(', ')}; for text with a colon in it, name the field too: ${FILTER_FIELDS[view][0]}:TEXT.`,
    );
  }
  if (interval < INTERVAL_MIN_MS || interval > INTERVAL_MAX_MS) {
    throw usageError(
      `--interval must be ${formatDuration(INTERVAL_MIN_MS)} to ${formatDuration(INTERVAL_MAX_MS)}`,
      `Next: leave it out for ${formatDuration(INTERVAL_DEFAULT_MS)}.`,
    );
  }
  if (force && record === undefined) throw usageError('--force is for the file of --record', 'Next: leave it out.');
  if (!once && (limit ?? 0) > (json ? ROWS_MAX : 0)) {
    throw usageError(
      json ? `--limit is ${ROWS_MAX} at most where snapshots go on` : '--limit is for rows that are printed',
      'Next: add --once, or leave out --limit.',
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

/** The dashboard knows its columns; they are loaded only for a name that is not a sort's own. */
async function findSort({ view, sort }: TopFlags): Promise<string | undefined> {
  const sorts: readonly string[] = SORTS[view];
  if (sort === undefined || sorts.includes(sort)) return sort;
  const { sortNamed } = await import('../../tui/columns.ts');
  const meant = sortNamed(view, sort);
  if (meant !== undefined) return meant;
  throw usageError(`--sort ${sort} is no column of ${view}`, `Next: --sort with one of ${sorts.join(', ')}.`);
}

function toPrintOptions(
  { view, filter = '', interval, limit = ROWS_MAX, json, once }: TopFlags,
  sort?: string,
): PrintOptions {
  return {
    query: { view, filter, intervalMs: interval, ...(sort !== undefined && { sort }) },
    limit,
    isJson: json === true,
    isOnce: once === true,
  };
}

function toTopOptions({ view, filter = '', interval, readOnly, record, force }: TopFlags, sort?: string): TopOptions {
  return {
    view,
    filter,
    sort,
    intervalMs: interval,
    isReadOnly: readOnly === true,
    record,
    isForced: force === true,
  };
}
