import type { EmitRequest, Target } from '../../contract/emission.ts';
import { plural, toCount } from '../quantity.ts';
import { Unmet } from '../unmet.ts';
import { defineStep } from './step.ts';

interface PublishArgs {
  event: string;
  payload?: unknown;
  to?: Target | 'all';
  except?: Target;
  ack?: { timeoutMs?: number };
  /** How many sockets it must have been sent to. */
  recipients?: number | string;
}

export const publish = defineStep<PublishArgs>({
  nature: 'both',
  isJudged: ({ recipients }) => recipients !== undefined,
  describe: ({ event, recipients }) =>
    recipients === undefined ? `${event} is published` : `${event} has ${recipients} recipients`,
  async run({ event, payload, to, except, ack, recipients }, stage) {
    const emission: EmitRequest = { event };
    if (payload !== undefined) emission.payload = payload;
    if (to !== undefined && to !== 'all') emission.to = to;
    if (except !== undefined) emission.except = except;
    if (ack !== undefined) emission.ack = ack;
    stage.host.recorder.count('publishes');
    stage.scope['$publishedAt'] = performance.now();
    const answer = await stage.requireAdmin().emit(emission);
    if (!answer.ok) throw new Unmet(`"${event}" was not published: ${answer.detail ?? answer.reason}`);
    if (recipients === undefined) return;
    const wanted = toCount(recipients, 'recipients');
    if (answer.recipients !== wanted) {
      throw new Unmet(`"${event}" had ${plural(answer.recipients, 'recipient')}, and it should have been ${wanted}`);
    }
  },
});
