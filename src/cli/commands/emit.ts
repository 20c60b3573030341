import type { Command } from 'commander';
import type { EmitFailureReason, EmitRequest, EmitResponse } from '../../contract/emission.ts';
import { ERRORS, isErrorCode } from '../../contract/errors.ts';
import { printable, shorten } from '../../contract/printable.ts';
import { formatDuration } from '../../contract/units.ts';
import { asAdmin } from '../admin-session.ts';
import { adviceFor } from '../advice.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { sendInBatches } from '../emit-batches.ts';
import { parseEmissions } from '../emit-input.ts';
import { describeTarget, type EmitFlags, readTarget } from '../emit-target.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { addExamples, addJsonFlag, addServerFlags, each, toDurationMs, toName, toRoom, toUserId } from '../flags.ts';
import { parseJson } from '../json-text.ts';
import { warnOfMissingNodes } from '../missing-nodes.ts';
import { plural } from '../output.ts';
import { readInput } from '../read-input.ts';

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Sends events. FILE (or - for stdin) is { "event", "payload" }, a list of them, or one a line; each may carry its own "to": { users, rooms, sockets }, or "all".',
    )
    .argument('[file]', 'a JSON or NDJSON file, or -')
    .option('--event <name>', 'the event, instead of a file', toName)
    .option('--payload <json>', 'its payload')
    .option('--user <id>', 'to this user; may be repeated, as the next ones', each(toUserId))
    .option('--room <name>', 'to this room', each(toRoom))
    .option('--socket <id>', 'to this socket', each(toName))
    .option('--all', 'to everyone')
    .option('--except-user <id>', 'but not to this user', each(toUserId))
    .option('--ack', 'wait until the recipients acknowledge')
    .option('--timeout <duration>', "how long to wait for that (default: the server's, 5s)", toDurationMs);
  addJsonFlag(command, 'print one result an event: { ok, recipients, acks? }');
  addServerFlags(command);
  addExamples(command, [
    'rtserver emit --user 42 event.json',
    `rtserver emit --room protocol:7 --event protocol:updated --payload '{"protocolId":"7","version":3}'`,
    'rtserver emit --all --except-user 42 --event notice',
    'generate-events | rtserver emit --room protocol:7 - --json',
    'rtserver emit --user 42 --event ask --ack --timeout 2s',
  ]);
  command.action(async (file: string | undefined, flags: EmitFlags) => {
    context.exitCode = await emit(context, file, flags);
  });
}

async function emit(context: Context, file: string | undefined, flags: EmitFlags): Promise<ExitCode> {
  if (flags.timeout !== undefined && !flags.ack)
    throw usageError('--timeout is how long to wait with --ack: add --ack');
  const target = readTarget(flags);
  const emissions = (await readEmissions(context, file, flags)).map((emission) => withTarget(emission, target, flags));
  let unacknowledged = 0;
  let missingNodes: EmitResponse['missingNodes'];
  const reasons = new Set<EmitFailureReason>();
  await asAdmin(context, flags, (client) =>
    sendInBatches(client, emissions, (emission, response) => {
      if (!response.ok) reasons.add(response.reason);
      unacknowledged += (response.acks ?? []).filter(({ ok }) => !ok).length;
      if (response.missingNodes !== undefined) missingNodes = response.missingNodes;
      if (flags.json) context.output.json(response);
      report(context, emission, response, flags.json === true);
    }),
  );
  warnOfMissingNodes(context.output, missingNodes);
  for (const line of new Set([...reasons].flatMap(adviceOn))) context.output.note(line);
  if (reasons.size > 0) return EXIT.refused;
  return unacknowledged > 0 ? EXIT.failed : EXIT.done;
}

async function readEmissions(context: Context, file: string | undefined, flags: EmitFlags): Promise<EmitRequest[]> {
  if (file !== undefined && flags.event !== undefined) throw usageError('say the events once: either FILE or --event');
  if (flags.event !== undefined) {
    const payload = flags.payload === undefined ? {} : { payload: parseJson(flags.payload, '--payload') };
    return [{ event: flags.event, ...payload }];
  }
  if (flags.payload !== undefined) throw usageError('--payload belongs to an event: add --event NAME');
  if (file !== undefined)
    return parseEmissions(
      await readInput(context, file, 'Next: name a JSON file, - for stdin, or say --event NAME.'),
      file === '-' ? 'stdin' : file,
    );
  throw usageError('say what to send: FILE, - for stdin, or --event NAME', 'Try: rtserver emit --help');
}

/** The flags' target, where they say one, and the event's own otherwise. Everyone is never guessed. */
function withTarget(emission: EmitRequest, target: ReturnType<typeof readTarget>, flags: EmitFlags): EmitRequest {
  if (target.to === undefined && emission.to === undefined) {
    throw usageError(
      `say who gets "${shorten(emission.event)}": --user ID, --room NAME, --socket ID or --all`,
      'Next: add one of them, or a "to" in the file.',
    );
  }
  return {
    ...emission,
    ...target,
    ...(flags.ack && { ack: flags.timeout === undefined ? {} : { timeoutMs: flags.timeout } }),
  };
}

function report({ output }: Context, emission: EmitRequest, response: EmitResponse, isJson: boolean): void {
  const event = shorten(printable(emission.event));
  if (!response.ok) {
    const why = response.detail ?? ERRORS[response.reason]?.message ?? 'the server does not say why';
    output.problem(printable(`error: ${event} was not sent: ${why} (${response.reason})`));
    return;
  }
  const { recipients, acks = [] } = response;
  if (!isJson) {
    output.line(`${event}: ${plural(recipients, 'recipient')}`);
    for (const ack of acks) {
      const said = ack.ok
        ? `acknowledged ${JSON.stringify(ack.value) ?? ''}`
        : `${ack.error.message} (${ack.error.code})`;
      output.line(printable(`  user ${ack.userId}, socket ${ack.socketId}: ${said.trimEnd()}`));
    }
  }
  const missing = acks.filter(({ ok }) => !ok).length;
  const within = emission.ack?.timeoutMs === undefined ? '' : ` within ${formatDuration(emission.ack.timeoutMs)}`;
  if (missing > 0) output.problem(`${missing} of ${acks.length} did not acknowledge ${event}${within}.`);
  if (recipients === 0) {
    const target = shorten(printable(describeTarget(emission)));
    output.note(`${event} reached nobody: no socket matches ${target}. See who is connected: rtserver ls sockets`);
  }
}

/** A payload that the schema of its event refuses is no mistake in what was typed for the command. */
function adviceOn(reason: EmitFailureReason): readonly string[] {
  const code = reason === 'PAYLOAD_INVALID' ? 'EVENT_UNKNOWN' : reason;
  // The server may be newer, and know reasons that are not known here.
  return isErrorCode(code) ? adviceFor({ code, detail: {} }) : [];
}
