import type { Answers } from '../contract/cluster.ts';
import { within } from '../contract/within.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface Question {
  topic: string;
  question: unknown;
  withinMs: number;
}

/** Asks each of them. Who has no answer to the topic is not missing. */
export async function askAll(
  workers: readonly WorkerProcess[],
  { topic, question, withinMs }: Question,
): Promise<Answers<unknown>> {
  const outcomes = await Promise.allSettled(
    workers.map(({ link }) =>
      within(link.call('ask', { topic, question }), withinMs, () => new Error('no answer in time')),
    ),
  );
  const found = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  return { answers: found.filter((answer) => answer !== undefined), missing: outcomes.length - found.length };
}
