import type { Command } from 'commander';
import { asAdmin } from '../admin-session.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import {
  addExamples,
  addJsonFlag,
  addServerFlags,
  type JsonFlag,
  type ServerFlags,
  toName,
  toUserId,
} from '../flags.ts';
import { warnOfMissingNodes } from '../missing-nodes.ts';
import { plural } from '../output.ts';

interface KickFlags extends ServerFlags, JsonFlag {
  user?: string;
  socket?: string;
}

export function configure(command: Command, context: Context): void {
  command
    .description('Closes all connections of a user, or one socket. The clients are told KICKED first.')
    .option('--user <id>', 'whose connections', toUserId)
    .option('--socket <id>', 'which socket', toName);
  addJsonFlag(command, 'print { ok, closed }');
  addServerFlags(command);
  addExamples(command, ['rtserver kick --user 42', 'rtserver kick --socket k2J9-pQ1xV0aAAAB']);
  command.action(async (flags: KickFlags) => {
    context.exitCode = await kick(context, flags);
  });
}

async function kick(context: Context, flags: KickFlags): Promise<ExitCode> {
  const { user, socket } = flags;
  if ((user === undefined) === (socket === undefined)) {
    const what =
      user === undefined ? 'say whom: either --user ID or --socket ID' : 'say --user ID or --socket ID, not both';
    throw usageError(what, 'Next: see who is there with `rtserver ls sockets`.');
  }
  const whom = user === undefined ? { socketId: socket ?? '' } : { userId: user };
  const result = await asAdmin(context, flags, (client) => client.kick(whom));
  if (flags.json) context.output.json(result);
  else context.output.line(`closed ${plural(result.closed, 'connection')}`);
  warnOfMissingNodes(context.output, result.missingNodes);
  if (result.closed === 0) context.output.note('Nobody was connected. See who is: rtserver ls sockets');
  return EXIT.done;
}
