import type { Command } from 'commander';
import type { AdminClient } from '../../client/admin.ts';
import { printable } from '../../contract/printable.ts';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, type Page } from '../../contract/resources.ts';
import { asAdmin } from '../admin-session.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import {
  addExamples,
  addJsonFlag,
  addServerFlags,
  type JsonFlag,
  oneOf,
  type ServerFlags,
  toCount,
  toName,
  toUserId,
} from '../flags.ts';
import { LISTS, type ListName, type ListQuery } from '../lists.ts';
import { warnOfMissingNodes } from '../missing-nodes.ts';

interface LsFlags extends ServerFlags, JsonFlag {
  user?: string;
  room?: string;
  prefix?: string;
  limit?: number;
  cursor?: string;
}

const NAMES = Object.keys(LISTS) as ListName[];

export function configure(command: Command, context: Context): void {
  command
    .description('Lists what the running server knows: sockets, rooms, users, refusals (the last 1,000) or events.')
    .argument('<what>', NAMES.join(', '), oneOf(NAMES))
    .option('--user <id>', 'sockets: of this user', toUserId)
    .option('--room <name>', 'sockets: in this room', toName)
    .option('--prefix <text>', 'rooms: whose names begin so', toName)
    .option('--limit <n>', `at most so many (default: ${PAGE_LIMIT_DEFAULT})`, toCount)
    .option('--cursor <cursor>', 'go on where the `next` of an earlier answer says', toName);
  addJsonFlag(command, 'print { items, next?, missingNodes? }');
  addServerFlags(command);
  addExamples(command, [
    'rtserver ls sockets',
    'rtserver ls sockets --room protocol:7 --json',
    'rtserver ls rooms --prefix protocol:',
    'rtserver ls refusals --limit 20',
  ]);
  command.action(async (what: ListName, flags: LsFlags) => {
    refuseStrangeFilters(what, flags);
    const page = await asAdmin(context, flags, (client) => fetchItems(client, what, flags));
    if (flags.json) context.output.json(page);
    else await print(context, what, flags, page);
    warnOfMissingNodes(context.output, page.missingNodes);
    context.exitCode = EXIT.done;
  });
}

/** A filter that would be ignored in silence would make a list say what it does not. */
function refuseStrangeFilters(what: ListName, flags: LsFlags): void {
  for (const filter of ['user', 'room', 'prefix', 'limit', 'cursor'] as const) {
    if (flags[filter] === undefined || LISTS[what].filters.includes(filter)) continue;
    const takers = NAMES.filter((name) => LISTS[name].filters.includes(filter)).join(', ');
    throw usageError(`--${filter} is no filter of ${what}: it is one of ${takers}`, 'Try: rtserver ls --help');
  }
}

/** Follows the pages until there is as much as was asked for. */
async function fetchItems(client: AdminClient, what: ListName, flags: LsFlags): Promise<Page<object>> {
  const { user, room, prefix } = flags;
  const wanted = flags.limit ?? PAGE_LIMIT_DEFAULT;
  const items: object[] = [];
  let next = flags.cursor;
  let missingNodes: Page<object>['missingNodes'];
  do {
    const limit = Math.min(wanted - items.length, PAGE_LIMIT_MAX);
    const query: ListQuery = { user, room, prefix, limit, cursor: next };
    const page = await LISTS[what].fetch(client, query);
    items.push(...page.items);
    next = page.next;
    if (page.missingNodes !== undefined) missingNodes = page.missingNodes;
  } while (next !== undefined && items.length < wanted);
  return { items, ...(next !== undefined && { next }), ...(missingNodes !== undefined && { missingNodes }) };
}

async function print(
  { output }: Context,
  what: ListName,
  flags: LsFlags,
  { items, next }: Page<object>,
): Promise<void> {
  const { head, toRow } = LISTS[what];
  if (items.length === 0) {
    output.note(whyEmpty(what, flags));
    return;
  }
  const { alignColumns } = await import('../../contract/width.ts');
  const cells = items.map((item) => (toRow(item as never) as string[]).map(printable));
  const [title = '', ...rows] = alignColumns([head, ...cells]);
  output.line(output.bold(title));
  for (const row of rows) output.line(row);
  if (next !== undefined) output.note(`There are more: --limit N, or --cursor ${printable(next)}`);
}

function whyEmpty(what: ListName, { user, room, prefix, cursor }: LsFlags): string {
  if (cursor !== undefined) return `There are no more ${what}.`;
  if ((user ?? room ?? prefix) === undefined) return LISTS[what].ifEmpty;
  return `There are no ${what} that match. See them all: rtserver ls ${what}`;
}
