import { Histogram } from '../histogram.ts';
import { isConnected, isLost } from '../member.ts';
import { paced, paceFor } from '../pace.ts';
import { plural, showMs, toAmount, toCount, toMs } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { type CohortArgs, cohort, grow } from './cohort.ts';
import { request } from './request.ts';
import { findLost, nameOf } from './sockets.ts';
import { defineStep, type StepCall } from './step.ts';

interface ClimbArgs extends Omit<CohortArgs, 'sockets'> {
  from: number | string;
  by: number | string;
  to: number | string;
  /** How long each level is held and measured. */
  hold?: number | string;
  /** Round trips a second that are measured. */
  asks?: number | string;
  until: { ackP95?: number | string; ackP99?: number | string; refused?: number | string };
  /** Less than this is a failure; without it, the climb only says how far it got. */
  atLeast?: number | string;
}

const HOLD = '1s';

const stepOf = (by: ClimbArgs['by']) => Math.max(1, toCount(by, 'by'));

/** More and more sockets, until a threshold breaks. Says where. */
export const climb = defineStep<ClimbArgs>({
  nature: 'both',
  isJudged: () => true,
  describe: ({ atLeast }, label) =>
    atLeast === undefined ? `how many sockets ${nameOf(label)} can hold` : `at least ${atLeast} sockets can be held`,
  // Where no threshold breaks.
  takesMs({ from, by, to, hold, rate }) {
    const levels = Math.floor((toCount(to, 'to') - toCount(from, 'from')) / stepOf(by)) + 1;
    return (
      Math.max(0, levels) * toMs(hold ?? HOLD, 'hold') +
      (cohort.takesMs?.({ sockets: to, ...(rate !== undefined && { rate }) }) ?? 0)
    );
  },
  async run(args, stage, { label, written }) {
    const to = toCount(args.to, 'to');
    const by = stepOf(args.by);
    let held = 0;
    let quickness = '';
    let end = `no threshold broke: go on with ${knobOf(written, 'to', 2 * to)}`;
    for (let level = toCount(args.from, 'from'); level <= to; level += by) {
      const { problem, p95 } = await tryLevel(args, stage, label, level, written);
      if (problem !== undefined) {
        end = `broke at ${plural(level, 'socket')}: ${problem}`;
        break;
      }
      held = countOpen(stage, label);
      quickness = p95 === undefined ? '' : ` with a p95 of acknowledgements of ${showMs(p95)}`;
    }
    // What is gone by now is in the answer.
    for (const member of stage.members(label)) if (isLost(member)) member.state = 'ended';
    const found = `held ${plural(held, 'socket')}${quickness}; ${end}`;
    stage.host.recorder.answer(found);
    const atLeast = args.atLeast === undefined ? 1 : toCount(args.atLeast, 'atLeast');
    if (held >= atLeast) return;
    return [{ passed: 0, failed: 1, example: `${found} (it should have been ${plural(atLeast, 'socket')})` }];
  },
});

interface Level {
  /** Why it could not be held. */
  problem?: string | undefined;
  p95?: number | undefined;
}

async function tryLevel(
  args: ClimbArgs,
  stage: Stage,
  label: string,
  level: number,
  written: StepCall['written'],
): Promise<Level> {
  const { outcome } = await grow(stage, label, { ...args, sockets: level }, level - countOpen(stage, label));
  const allowed = args.until.refused === undefined ? 0 : toCount(args.until.refused, 'until.refused');
  if (outcome.failed > allowed) return { problem: outcome.example ?? 'sockets did not get in' };
  const findGone = () => (countOpen(stage, label) < level - allowed ? describeGone(stage, label, level) : undefined);
  const gone = findGone();
  if (gone !== undefined) return { problem: gone };
  const { histogram, failure } = await measure(args, stage, label);
  const problem = failure ?? findGone() ?? judge(histogram, args.until, written);
  return { problem, p95: histogram.percentile(0.95) };
}

/** Round trips over the sockets in turn; `failure` is the first that was not answered. */
async function measure(
  args: ClimbArgs,
  stage: Stage,
  label: string,
): Promise<{ histogram: Histogram; failure: string | undefined }> {
  const histogram = new Histogram();
  const members = stage.members(label).filter(isConnected);
  const open: Promise<unknown>[] = [];
  let failure: string | undefined;
  const pace = paceFor(toAmount(args.asks ?? 100, 'asks'), toMs(args.hold ?? HOLD, 'hold'));
  await paced(pace, stage.host.recorder, (index, dueAt) => {
    const member = members[(index * 7_919) % members.length];
    if (member === undefined) return;
    const asked = request(stage, member, 'ping', undefined, { from: dueAt });
    open.push(
      asked.then(
        () => histogram.record(performance.now() - dueAt),
        (error: Error) => {
          failure ??= error.message;
        },
      ),
    );
  });
  await Promise.all(open);
  return { histogram, failure };
}

/** Which threshold is broken, if any. */
function judge(histogram: Histogram, until: ClimbArgs['until'], written: StepCall['written']): string | undefined {
  for (const [key, share] of [
    ['ackP95', 0.95],
    ['ackP99', 0.99],
  ] as const) {
    const most = until[key];
    if (most === undefined) continue;
    const seen = histogram.percentile(share);
    if (seen === undefined) {
      return `no acknowledgement was measured: go on with ${knobOf(written, 'hold', '5s')}`;
    }
    if (seen > toMs(most, `until.${key}`)) {
      return `the ${key.slice(3)} of acknowledgements was ${showMs(seen)}, over ${showMs(toMs(most, key))}`;
    }
  }
  return undefined;
}

/** What to type for another value: a key that is written as a variable is told with --var. */
function knobOf(written: StepCall['written'], key: string, value: number | string): string {
  const [, variable] = /^\s*\{\{\s*([A-Za-z_]\w*)\s*\}\}\s*$/.exec(String(written[key])) ?? [];
  return variable === undefined ? `\`${key}: ${value}\` in the file` : `--var ${variable}=${value}`;
}

const countOpen = (stage: Stage, label: string) => stage.members(label).filter(isConnected).length;

function describeGone(stage: Stage, label: string, level: number): string {
  return findLost(stage.members(label)) ?? `${countOpen(stage, label)} of ${level} are connected`;
}
