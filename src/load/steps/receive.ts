import { formatDuration } from '../../contract/units.ts';
import type { Mail, Mailbox } from '../mailbox.ts';
import { createMatcher, show } from '../match.ts';
import { plural, toCount, toMs } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { Unmet } from '../unmet.ts';
import { type Connected, connected, each, howItEnded, nameOf } from './sockets.ts';
import { defineStep } from './step.ts';

interface ReceiveArgs {
  event: string;
  match?: unknown;
  within?: number | string;
  count?: number | string;
}

const WITHIN_MS = 5_000;

export const receive = defineStep<ReceiveArgs>({
  nature: 'expects',
  isJudged: () => true,
  describe: ({ event, count }, label) => `${nameOf(label)} receives ${event}${count === undefined ? '' : ` ×${count}`}`,
  async run(args, stage, { label }) {
    return [await each(connected(stage, label), (member) => expectMail(args, stage, member))];
  },
});

async function expectMail({ event, match, ...args }: ReceiveArgs, stage: Stage, member: Connected): Promise<void> {
  const count = args.count === undefined ? 1 : toCount(args.count, 'count');
  const withinMs = args.within === undefined ? WITHIN_MS : toMs(args.within, 'within');
  const mailbox = boxOf(member);
  const isIt = mailOf(event, match);
  const found = await mailbox.take(isIt, count, withinMs);
  const publishedAt = stage.scope['$publishedAt'];
  for (const { at } of found) {
    if (typeof publishedAt === 'number' && at >= publishedAt) stage.host.recorder.latency('delivery', at - publishedAt);
  }
  if (found.length >= count) return;
  const what = count === 1 ? `"${event}" did not come` : `"${event}" came ${found.length} times, not ${count},`;
  const end = member.wire.closing === undefined ? '' : `; ${howItEnded(member)}`;
  throw new Unmet(`${what} within ${formatDuration(withinMs)}; ${describeMail(mailbox, event, match, isIt)}${end}`);
}

export const receiveNothing = defineStep<{ event?: string; match?: unknown; for: number | string }>({
  nature: 'expects',
  isJudged: () => true,
  describe: ({ event }, label) => `${nameOf(label)} receives no ${event ?? 'event'}`,
  takesMs: (args) => toMs(args.for, 'for'),
  async run({ event, match, ...args }, stage, { label }) {
    const forMs = toMs(args.for, 'for');
    const isIt = mailOf(event, match);
    const silent = async (member: Connected) => {
      const mail = await boxOf(member).first(isIt, forMs);
      if (mail !== undefined) throw new Unmet(`"${mail.event}" came, and should not have: ${show(mail.payload)}`);
      // On a dead connection, silence proves nothing.
      if (member.wire.closing !== undefined) throw new Unmet(`its connection ended meanwhile: ${howItEnded(member)}`);
    };
    return [await each(connected(stage, label), silent)];
  },
});

/** What the server says by itself is no event of anybody's. */
const OWN = ['ready', 'pong', 'closing'];

function mailOf(event: string | undefined, match: unknown): (mail: Mail) => boolean {
  const isMatch = match === undefined ? () => true : createMatcher(match);
  const isNamed = (name: string) => (event === undefined ? !OWN.includes(name) : name === event);
  return (mail) => isNamed(mail.event) && isMatch(mail.payload);
}

function boxOf({ mailbox, label }: Connected): Mailbox {
  if (mailbox !== undefined) return mailbox;
  throw new Unmet(`the events of the cohort ${label} are only counted: use \`broadcast\``);
}

function describeMail(mailbox: Mailbox, event: string, match: unknown, isIt: (mail: Mail) => boolean): string {
  const others = mailbox.fresh(() => true);
  const near = others.find((mail) => mail.event === event);
  if (near !== undefined) return `it came with ${show(near.payload)}, and should match ${show(match)}`;
  const isOld = mailbox.kept.some((mail) => !mail.isTaken && isIt(mail));
  if (isOld) return 'one had come before the last thing that was done';
  const counts = new Map<string, number>();
  for (const { event: name } of others) counts.set(name, (counts.get(name) ?? 0) + 1);
  const seen = [...counts].map(([name, times]) => (times === 1 ? name : `${name} ×${times}`));
  return seen.length === 0 ? 'nothing came' : `what came: ${seen.join(', ')} (${plural(others.length, 'event')})`;
}
