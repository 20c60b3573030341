import type { EmitRequest, Target } from '../../contract/emission.ts';
import { isConnected, type Member } from '../member.ts';
import { paced } from '../pace.ts';
import { plural, showMs, toAmount, toCount, toMs } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { Unmet } from '../unmet.ts';
import { DeliveryBook } from './delivery-book.ts';
import { connected } from './sockets.ts';
import { defineStep, type Outcome } from './step.ts';

interface BroadcastArgs {
  event?: string;
  /** Whom it goes to; all of its receivers must be in the label. */
  to?: Target | 'all';
  count: number | string;
  rate?: number | string;
  /** Characters of filling in each payload. */
  payloadBytes?: number | string;
  /** Each delivery must be there this soon after it was due. */
  within?: number | string;
}

const RATE_DEFAULT = 50;
const DEADLINE_MS = 15_000;
/** After the fence has come through everywhere: what the server still has up its sleeve. */
const GRACE_MS = 150;
const REPORT_MS = 500;

export const broadcast = defineStep<BroadcastArgs>({
  nature: 'both',
  isJudged: () => true,
  describe: ({ count }, label) => `${count} events to all of ${label}`,
  aspects: ['none missing', 'none twice', 'in order', 'in time'],
  takesMs: ({ count, rate }) => (toCount(count, 'count') / toAmount(rate ?? RATE_DEFAULT, 'rate')) * 1_000,
  async run(args, stage, { label, report }) {
    const members = connected(stage, label).filter((member) => !member.isSlow);
    const count = toCount(args.count, 'count');
    const withinMs = args.within === undefined ? undefined : toMs(args.within, 'within');
    const book = new DeliveryBook(members, count, `${stage.scope['$vu']}-${performance.now()}`, withinMs);
    const stop = stage.watch((received, member) => {
      const latencyMs = book.enter(received, member);
      if (latencyMs !== undefined) stage.host.recorder.latency('delivery', latencyMs);
    });
    // What is there is there; the rest is judged at the end.
    const reported = new Map<string, number>();
    const timer = setInterval(() => {
      const { delivered } = book;
      const more = delivered - (reported.get('none missing') ?? 0);
      for (const aspect of ['none missing', 'none twice', 'in order']) {
        report({ aspect, passed: more, failed: 0 });
        reported.set(aspect, delivered);
      }
    }, REPORT_MS);
    try {
      const sentTo = await publishAll(args, stage, book, count);
      await book.complete(DEADLINE_MS);
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
      return judge(book, sentTo, members, withinMs).map((outcome) => ({
        ...outcome,
        passed: outcome.passed - (reported.get(outcome.aspect ?? '') ?? 0),
      }));
    } finally {
      clearInterval(timer);
      stop();
    }
  },
});

/** Publishes on a timeline; returns how many recipients the server counted. */
async function publishAll(args: BroadcastArgs, stage: Stage, book: DeliveryBook, count: number): Promise<number> {
  const admin = stage.requireAdmin();
  const { event = 'load:event', to } = args;
  const rate = args.rate === undefined ? RATE_DEFAULT : toAmount(args.rate, 'rate');
  const filling = 'x'.repeat(args.payloadBytes === undefined ? 0 : toCount(args.payloadBytes, 'payloadBytes'));
  const target = to === undefined || to === 'all' ? {} : { to };
  let recipients = 0;
  let problem: string | undefined;
  // One request at a time keeps the order; whatever is due meanwhile goes along with the next.
  let waiting: EmitRequest[] = [];
  let sending: Promise<void> | undefined;

  async function sendWaiting(): Promise<void> {
    while (waiting.length > 0 && problem === undefined) {
      const batch = waiting.splice(0, 500);
      const answers = await admin.emit(batch);
      stage.host.recorder.count('publishes', batch.length);
      for (const answer of answers) {
        if (answer.ok) recipients += answer.recipients;
        else problem = answer.detail ?? answer.reason;
      }
    }
    sending = undefined;
  }

  const send = (seq: number, dueAt: number) => {
    waiting.push({ event, payload: { broadcast: book.id, seq, dueAt, ...(filling && { filling }) }, ...target });
    sending ??= sendWaiting().catch((error: Error) => {
      problem = error.message;
    });
  };
  await paced({ perSecond: rate, times: count }, stage.host.recorder, send);
  await sending;
  // The fence: a connection keeps its order, so whoever has it was sent everything before it.
  send(count, performance.now());
  await sending;
  waiting = [];
  if (problem !== undefined) throw new Unmet(`"${event}" could not be published: ${problem}`);
  return recipients;
}

function judge(
  book: DeliveryBook,
  sentTo: number,
  members: readonly Member[],
  withinMs: number | undefined,
): Outcome[] {
  const { count, delivered, late, missing, twice, swapped } = book.result();
  const expected = count * members.length;
  const gone = members.filter((member) => !isConnected(member)).length;
  const lost = gone === 0 ? '' : `; ${plural(gone, 'socket')} lost the connection`;
  const outcomes: Outcome[] = [
    {
      aspect: 'none missing',
      passed: delivered,
      failed: missing.count,
      example:
        missing.count === 0
          ? undefined
          : `${delivered.toLocaleString('en-US')} of ${expected.toLocaleString('en-US')} were delivered (the server counted ${sentTo} recipients, fence included); first missing: ${missing.example}${lost}`,
    },
    { aspect: 'none twice', passed: delivered, failed: twice.count, example: twice.example },
    { aspect: 'in order', passed: delivered, failed: swapped.count, example: swapped.example },
  ];
  if (withinMs !== undefined) {
    outcomes.push({
      aspect: 'in time',
      passed: delivered - late.count,
      failed: late.count,
      example: late.count === 0 ? undefined : `the slowest took ${showMs(late.slowestMs)}`,
    });
  }
  return outcomes;
}
