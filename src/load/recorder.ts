import { Histogram, type HistogramData } from './histogram.ts';

export const COUNTS = [
  'connects',
  'refusals',
  'failures',
  'closures',
  'received',
  'emits',
  'acks',
  'publishes',
  'lateSends',
  'users_started',
  'users_failed',
] as const;
export type CountName = (typeof COUNTS)[number];

export const LATENCIES = ['connect', 'ack', 'delivery'] as const;
export type LatencyName = (typeof LATENCIES)[number];

/** How one expectation fared. `examples` are the first failures, in words. */
export interface CheckCount {
  passed: number;
  failed: number;
  examples: string[];
}

/** What happened since the last time: plain data. */
export interface Delta {
  /** Milliseconds since 1970. */
  at: number;
  /** Sockets of this worker that are connected now. */
  open: number;
  /** The most of them at once, since the last time. */
  openMax: number;
  counts: Partial<Record<CountName, number>>;
  checks: Record<string, CheckCount>;
  latencies: Partial<Record<LatencyName, HistogramData>>;
  notes: string[];
  answers: string[];
  /** Ids of the sockets that were connected. */
  sockets: string[];
  /** How busy the event loop was that did the work, 0 to 1, its delay, and how long an event waited for it on average. */
  generator: { busy: number; delayP99Ms: number; waitMs: number };
}

/** Artillery's own counters and histograms, where it is the host. */
export interface MetricSink {
  counter(name: string, count: number): void;
  histogram(name: string, ms: number): void;
}

const EXAMPLES_MAX = 5;

/** Collects what steps see. `drain` hands over what came since the last time. */
export class Recorder {
  sink: MetricSink | undefined;
  #open = 0;
  #openMax = 0;
  #counts: Delta['counts'] = {};
  #checks: Record<string, CheckCount> = {};
  #latencies = new Map<LatencyName, Histogram>();
  #notes: string[] = [];
  #answers: string[] = [];
  #sockets: string[] = [];

  count(name: CountName, by = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + by;
  }

  latency(name: LatencyName, ms: number): void {
    let histogram = this.#latencies.get(name);
    if (histogram === undefined) {
      histogram = new Histogram();
      this.#latencies.set(name, histogram);
    }
    histogram.record(ms);
    this.sink?.histogram(`rtserver.${name}_ms`, ms);
  }

  check(name: string, passed: number, failed: number, example?: string): void {
    this.#checks[name] ??= { passed: 0, failed: 0, examples: [] };
    const check = this.#checks[name];
    check.passed += passed;
    check.failed += failed;
    if (example !== undefined && check.examples.length < EXAMPLES_MAX) check.examples.push(example);
  }

  /** Artillery treats a metric that never occurred as unknown, not as 0. */
  declare(checks: readonly string[]): void {
    for (const name of COUNTS) this.sink?.counter(`rtserver.${name}`, 0);
    for (const name of checks) this.#report(name, 0, 0);
  }

  /** A socket of this run: at the end, it must be gone. */
  connected(socketId: string | undefined): void {
    this.count('connects');
    this.#open += 1;
    this.#openMax = Math.max(this.#openMax, this.#open);
    if (socketId !== undefined) this.#sockets.push(socketId);
  }

  /** A socket that was connected is no more. */
  ended(): void {
    this.#open -= 1;
  }

  /** A finding that is neither passed nor failed. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** What the scenario was run to find out: a part of the verdict. */
  answer(text: string): void {
    this.#answers.push(text);
  }

  /** What happened since the last time, also as Artillery's metrics. */
  drain(generator: Delta['generator'] = { busy: 0, delayP99Ms: 0, waitMs: 0 }): Delta {
    for (const [name, by] of Object.entries(this.#counts)) this.sink?.counter(`rtserver.${name}`, by);
    for (const [name, { passed, failed }] of Object.entries(this.#checks)) this.#report(name, passed, failed);
    const delta: Delta = {
      at: Date.now(),
      open: this.#open,
      openMax: this.#openMax,
      counts: this.#counts,
      checks: this.#checks,
      latencies: Object.fromEntries([...this.#latencies].map(([name, histogram]) => [name, histogram.toData()])),
      notes: this.#notes,
      answers: this.#answers,
      sockets: this.#sockets,
      generator,
    };
    this.#counts = {};
    this.#checks = {};
    this.#latencies = new Map();
    this.#notes = [];
    this.#answers = [];
    this.#openMax = this.#open;
    this.#sockets = [];
    return delta;
  }

  #report(check: string, passed: number, failed: number): void {
    this.sink?.counter(`rtserver.check.${slug(check)}.passed`, passed);
    this.sink?.counter(`rtserver.check.${slug(check)}.failed`, failed);
  }
}

/** A check's name as part of a metric's: letters, digits and dashes. */
export function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
