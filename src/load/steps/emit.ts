import { formatDuration } from '../../contract/units.ts';
import { Outstanding } from '../outstanding.ts';
import { paced, paceFor } from '../pace.ts';
import { toAmount, toMs } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { Unmet } from '../unmet.ts';
import { ACK_WITHIN_MS, request } from './request.ts';
import { type Connected, connected, each, howItEnded, nameOf } from './sockets.ts';
import { defineStep, type Outcome } from './step.ts';

interface EmitArgs {
  event: string;
  payload?: unknown;
  ack?: { match?: unknown; within?: number | string } | null;
  /** So many a second, over all sockets of the label in turn. */
  rate?: number | string;
  /** For so long; with `rate`. */
  for?: number | string;
}

export const emit = defineStep<EmitArgs>({
  nature: 'both',
  isJudged: ({ ack }) => ack !== undefined,
  describe(args, label) {
    const often = args.rate === undefined ? '' : `, ${args.rate} a second`;
    const answered = args.ack === undefined ? 'emits' : 'gets an answer to';
    const within = args.ack?.within === undefined ? '' : ` within ${showDuration(args.ack.within)}`;
    return `${nameOf(label)} ${answered} ${args.event}${within}${often}`;
  },
  takesMs: (args) => (args.for === undefined ? 0 : toMs(args.for, 'for')),
  async run(args, stage, { label, report }) {
    const members = connected(stage, label);
    if (args.rate === undefined) return [await each(members, (member) => send(args, stage, member))];
    return sendAtRate(args, stage, members, report);
  },
});

async function send({ event, payload, ack }: EmitArgs, stage: Stage, member: Connected, from?: number): Promise<void> {
  if (ack === undefined) {
    if (member.wire.closing !== undefined) throw new Unmet(howItEnded(member));
    stage.host.recorder.count('emits');
    member.actedAt = performance.now();
    member.wire.emit(event, ...(payload === undefined ? [] : [payload]));
    return;
  }
  const withinMs = ack?.within === undefined ? ACK_WITHIN_MS : toMs(ack.within, 'ack.within');
  const options = { match: ack?.match, withinMs, ...(from !== undefined && { from }) };
  await request(stage, member, event, payload, options);
}

/** On a timeline that waits for nobody: what is late counts from when it should have been sent. */
async function sendAtRate(
  args: EmitArgs,
  stage: Stage,
  members: readonly Connected[],
  report: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const open = new Outstanding();
  const pace = paceFor(toAmount(args.rate, 'rate'), toMs(args.for ?? '1s', 'for'));
  await paced(pace, stage.host.recorder, (index, dueAt) => {
    const member = members[index % members.length] as Connected;
    open.add(
      send(args, stage, member, dueAt).then(
        () => report({ passed: 1, failed: 0 }),
        ({ message }: Error) => report({ passed: 0, failed: 1, example: message }),
      ),
    );
  });
  await open.settle();
  return [];
}

const showDuration = (value: number | string) => (typeof value === 'number' ? formatDuration(value) : value);
