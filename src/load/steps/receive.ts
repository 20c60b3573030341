import { formatDuration } from '../../contract/units.ts';
import type { Mail, Mailbox } from '../mailbox.ts';
import { isMatch, show } from '../match.ts';
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
  const found = await mailbox.take((mail) => mail.event === event && isMatchOrAny(mail, match), count, withinMs);
  const publishedAt = stage.scope['$publishedAt'];
  for (const { at } of found) {
    if (typeof publishedAt === 'number' && at >= publishedAt) stage.host.recorder.latency('delivery', at - publishedAt);
  }
  if (found.length >= count) return;
  const what = count === 1 ? `"${event}" did not come` : `"${event}" came ${found.length} times, not ${count},`;
  const end = member.wire.closing === undefined ? '' : `; ${howItEnded(member)}`;
  throw new Unmet(`${what} within ${formatDuration(withinMs)}; ${describeMail(mailbox, event, match)}${end}`);
}

export const receiveNothing = defineStep<{ event?: string; match?: unknown; for: number | string }>({
  nature: 'expects',
  isJudged: () => true,
  describe: ({ event }, label) => `${nameOf(label)} receives no ${event ?? 'event'}`,
  async run({ event, match, ...args }, stage, { label }) {
    const forMs = toMs(args.for, 'for');
    const isIt = (mail: Mail) =>
      (event === undefined ? !OWN.includes(mail.event) : mail.event === event) && isMatchOrAny(mail, match);
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

const isMatchOrAny = (mail: Mail, match: unknown) => match === undefined || isMatch(mail.payload, match);

function boxOf({ mailbox, label }: Connected): Mailbox {
  if (mailbox !== undefined) return mailbox;
  throw new Unmet(`the events of the cohort ${label} are only counted: use \`broadcast\``);
}

function describeMail(mailbox: Mailbox, event: string, match: unknown): string {
  const others = mailbox.fresh(() => true);
  const near = others.find((mail) => mail.event === event);
  if (near !== undefined) return `it came with ${show(near.payload)}, and should match ${show(match)}`;
  const isOld = mailbox.kept.some((mail) => mail.event === event && !mail.isTaken && isMatchOrAny(mail, match));
  if (isOld) return 'one had come before the last thing that was done';
  const counts = new Map<string, number>();
  for (const { event: name } of others) counts.set(name, (counts.get(name) ?? 0) + 1);
  const seen = [...counts].map(([name, times]) => (times === 1 ? name : `${name} ×${times}`));
  return seen.length === 0 ? 'nothing came' : `what came: ${seen.join(', ')} (${plural(others.length, 'event')})`;
}
