import { GeneratorTally } from './generator.ts';
import { Histogram } from './histogram.ts';
import { plural } from './quantity.ts';
import { type CheckCount, type CountName, type Delta, LATENCIES, type LatencyName } from './recorder.ts';
import { addCounts, Timeline } from './timeline.ts';

const EXAMPLES_MAX = 5;
const NOTES_MAX = 50;

/**
 * Adds up what the workers hand over: the live view and the verdict read from it. It takes no more memory after hours than
 * after minutes.
 */
export class Ledger {
  readonly startedAt = Date.now();
  /** When virtual users began to arrive: Artillery takes its time before that. */
  arrivalsAt: number | undefined;
  readonly counts: Partial<Record<CountName, number>> = {};
  readonly checks = new Map<string, CheckCount>();
  readonly latencies = new Map<LatencyName, Histogram>(LATENCIES.map((name) => [name, new Histogram()]));
  readonly timeline = new Timeline();
  readonly generator = new GeneratorTally();
  /** Events received and acknowledgements of the last whole second. */
  eventsPerSecond = 0;
  readonly #notes: string[] = [];
  readonly #answers: string[] = [];
  #unkeptNotes = 0;
  readonly #open = new Map<number, number>();
  #second = 0;
  #eventsNow = 0;

  add(worker: number, delta: Delta): void {
    this.#open.set(worker, delta.open);
    const second = Math.max(this.#second, Math.floor((delta.at - this.startedAt) / 1_000));
    const moment = this.timeline.at(second);
    moment.open = this.open;
    // Of several workers, the most that each had need not have been at the same time: the others count as they are now.
    moment.openMax = Math.max(moment.openMax, this.open - delta.open + delta.openMax);
    moment.busy = Math.max(moment.busy, delta.generator.busy);
    addCounts(this.counts, delta.counts);
    addCounts(moment.counts, delta.counts);
    this.#addEvents(second, (delta.counts.received ?? 0) + (delta.counts.acks ?? 0));
    let samples = 0;
    for (const name of LATENCIES) {
      const data = delta.latencies[name];
      if (data === undefined) continue;
      samples += data.count;
      this.latencies.get(name)?.merge(data);
      const own = moment.latencies.get(name) ?? new Histogram();
      own.merge(data);
      moment.latencies.set(name, own);
    }
    this.generator.add(second, samples, delta.generator);
    for (const [name, check] of Object.entries(delta.checks)) this.#addCheck(name, check);
    this.#unkeptNotes += delta.notes.length - keep(this.#notes, delta.notes);
    keep(this.#answers, delta.answers);
  }

  get open(): number {
    return [...this.#open.values()].reduce((sum, open) => sum + open, 0);
  }

  /** The first of them, and how many more there were. */
  get notes(): string[] {
    return this.#unkeptNotes === 0 ? this.#notes : [...this.#notes, `and ${plural(this.#unkeptNotes, 'more note')}`];
  }

  get answers(): string[] {
    return this.#answers;
  }

  count(name: CountName): number {
    return this.counts[name] ?? 0;
  }

  /** Checks together. */
  get checked(): { passed: number; failed: number } {
    let [passed, failed] = [0, 0];
    for (const check of this.checks.values()) {
      passed += check.passed;
      failed += check.failed;
    }
    return { passed, failed };
  }

  #addEvents(second: number, events: number): void {
    if (second > this.#second) {
      this.eventsPerSecond = this.#eventsNow;
      this.#eventsNow = 0;
      this.#second = second;
    }
    this.#eventsNow += events;
  }

  #addCheck(name: string, { passed, failed, examples }: CheckCount): void {
    const check = this.checks.get(name) ?? { passed: 0, failed: 0, examples: [] };
    check.passed += passed;
    check.failed += failed;
    check.examples.push(...examples.slice(0, EXAMPLES_MAX - check.examples.length));
    this.checks.set(name, check);
  }
}

/** Returns how many there was room for. */
function keep(list: string[], texts: readonly string[]): number {
  const kept = texts.slice(0, NOTES_MAX - list.length);
  list.push(...kept);
  return kept.length;
}
