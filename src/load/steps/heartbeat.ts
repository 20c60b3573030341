import { show } from '../match.ts';
import { toMs } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { Unmet } from '../unmet.ts';
import { request } from './request.ts';
import { type Connected, connected, each, howItEnded, nameOf } from './sockets.ts';
import { defineStep } from './step.ts';

interface HeartbeatArgs {
  every: number | string;
  for: number | string;
  within?: number | string;
}

export const heartbeat = defineStep<HeartbeatArgs>({
  nature: 'both',
  isJudged: () => true,
  describe: (_args, label) => `${nameOf(label)} stays connected while it sends heartbeats`,
  takesMs: (args) => toMs(args.for, 'for'),
  async run(args, stage, { label, report }) {
    const everyMs = toMs(args.every, 'every');
    const untilMs = performance.now() + toMs(args.for, 'for');
    const options = args.within === undefined ? {} : { withinMs: toMs(args.within, 'within') };
    const keepBeating = async (member: Connected) => {
      let last: Beat | undefined;
      for (;;) {
        const nextAt = performance.now() + everyMs;
        last = await beat(stage, member, last, options);
        report({ passed: 1, failed: 0 });
        if (nextAt >= untilMs) break;
        await sleepUntil(nextAt);
      }
      await sleepUntil(untilMs);
      if (member.wire.closing !== undefined) throw new Unmet(howItEnded(member));
    };
    return [{ ...(await each(connected(stage, label), keepBeating)), passed: 0 }];
  },
});

interface Beat {
  /** On the clock of the server, in whole milliseconds. */
  lastSeen: number;
  answeredAt: number;
}

/** Sent this long after the last answer, a beat is seen in a later millisecond. */
const TICK_MS = 3;

/** One `ping`; the answer must say that it was seen. */
async function beat(
  stage: Stage,
  member: Connected,
  last: Beat | undefined,
  options: { withinMs?: number },
): Promise<Beat> {
  if (member.wire.closing !== undefined) throw new Unmet(howItEnded(member));
  const isLater = last !== undefined && performance.now() - last.answeredAt > TICK_MS;
  const least = last === undefined ? 0 : last.lastSeen + (isLater ? 1 : 0);
  const answer = (await request(stage, member, 'ping', undefined, options)) as { lastSeen?: unknown } | undefined;
  const lastSeen = answer?.lastSeen;
  if (typeof lastSeen !== 'number' || lastSeen < least) {
    throw new Unmet(`the heartbeat was answered with ${show(answer)}; lastSeen should be a time, and move on`);
  }
  return { lastSeen, answeredAt: performance.now() };
}

const sleepUntil = (at: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));

export const silence = defineStep<{ for: number | string; transport?: boolean }>({
  nature: 'neutral',
  describe: (_args, label) => `${nameOf(label)} stays silent`,
  takesMs: (args) => toMs(args.for, 'for'),
  async run(args, stage, { label }) {
    const members = connected(stage, label);
    for (const { wire } of members) if (args.transport === true) wire.pong = 'never';
    const over = new Promise((resolve) => setTimeout(resolve, toMs(args.for, 'for')));
    await Promise.race([over, Promise.all(members.map(({ wire }) => wire.closed))]);
  },
});
