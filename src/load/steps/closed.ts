import { formatDuration } from '../../contract/units.ts';
import type { Member } from '../member.ts';
import { showMs, toMs } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { Unmet } from '../unmet.ts';
import { type Connected, each, howItEnded, latestBatch, nameOf } from './sockets.ts';
import { defineStep } from './step.ts';

interface ClosedArgs {
  /** What `closing` said; left out, any end by the server will do. */
  code?: string;
  /** Since the last thing that this socket, or anybody, did. */
  within: number | string;
  notBefore?: number | string;
}

/** Clocks of two processes, rounded to a millisecond each. */
const CLOCKS_MS = 3;

export const closed = defineStep<ClosedArgs>({
  nature: 'expects',
  isJudged: () => true,
  describe({ code }, label) {
    return `${nameOf(label)} is closed${code === undefined ? '' : ` with ${code}`}`;
  },
  async run(args, stage, { label }) {
    const members = latest(stage, label);
    return [await each(members, (member) => expectEnd(args, member))];
  },
});

/** The sockets of the last `connect` of a label: after a refusal, those that were refused. */
function latest(stage: Stage, label: string): Connected[] {
  const members = stage.members(label);
  const batch = latestBatch(members);
  const found = members.filter((member) => member.batch === batch && member.wire !== undefined);
  if (found.length === 0) throw new Unmet(`${nameOf(label)} was never connected`);
  return found as Connected[];
}

async function expectEnd({ code, ...args }: ClosedArgs, member: Connected): Promise<void> {
  const withinMs = toMs(args.within, 'within');
  const notBeforeMs = args.notBefore === undefined ? 0 : toMs(args.notBefore, 'notBefore');
  const leftMs = Math.max(0, member.actedAt + withinMs - performance.now());
  const end = await member.wire.untilClosed({ timeoutMs: leftMs }).catch(() => undefined);
  if (end === undefined) throw new Unmet(`it is still open after ${formatDuration(withinMs)}`);
  if (end.by === 'client') throw new Unmet(`the server did not end it: ${howItEnded(member as Member)}`);
  const tookMs = end.at - member.actedAt;
  if (tookMs + CLOCKS_MS < notBeforeMs) {
    throw new Unmet(`it was closed after ${showMs(tookMs)}, before ${formatDuration(notBeforeMs)} had passed`);
  }
  if (tookMs > withinMs)
    throw new Unmet(`it was closed after ${showMs(tookMs)}, later than ${formatDuration(withinMs)}`);
  if (code !== undefined && member.closingCode !== code) {
    throw new Unmet(`it was closed with ${member.closingCode ?? 'no code'}, and it should have been ${code}`);
  }
  if (member.state === 'connected') member.state = 'ended';
}
