import { Histogram } from './histogram.ts';
import { type CheckCount, type CountName, type Delta, LATENCIES, type LatencyName } from './recorder.ts';

/** One second of a run. */
export interface Moment {
  /** Since the start. */
  second: number;
  open: number;
  counts: Partial<Record<CountName, number>>;
  latencies: Map<LatencyName, Histogram>;
  busy: number;
  delayP99Ms: number;
}

/** Latencies that one worker measured within half a second, and how it was itself meanwhile. */
export interface Measurement {
  samples: number;
  busy: number;
  waitMs: number;
}

const EXAMPLES_MAX = 5;

/** Adds up what the workers hand over: the live view and the verdict read from it. */
export class Ledger {
  readonly startedAt = Date.now();
  /** When virtual users began to arrive: Artillery takes its time before that. */
  arrivalsAt: number | undefined;
  readonly counts: Partial<Record<CountName, number>> = {};
  readonly checks = new Map<string, CheckCount>();
  readonly latencies = new Map<LatencyName, Histogram>(LATENCIES.map((name) => [name, new Histogram()]));
  readonly notes: string[] = [];
  /** Ids of all sockets that were ever connected. */
  readonly sockets = new Set<string>();
  readonly moments: Moment[] = [];
  readonly measurements: Measurement[] = [];
  readonly #open = new Map<number, number>();

  add(worker: number, delta: Delta): void {
    this.#open.set(worker, delta.open);
    const moment = this.#momentOf(delta.at);
    moment.open = this.open;
    moment.busy = Math.max(moment.busy, delta.generator.busy);
    moment.delayP99Ms = Math.max(moment.delayP99Ms, delta.generator.delayP99Ms);
    for (const [name, by] of Object.entries(delta.counts) as [CountName, number][]) {
      this.counts[name] = (this.counts[name] ?? 0) + by;
      moment.counts[name] = (moment.counts[name] ?? 0) + by;
    }
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
    const { busy, waitMs } = delta.generator;
    if (samples > 0) this.measurements.push({ samples, busy, waitMs });
    for (const [name, check] of Object.entries(delta.checks)) this.#addCheck(name, check);
    this.notes.push(...delta.notes);
    for (const id of delta.sockets) this.sockets.add(id);
  }

  get open(): number {
    return [...this.#open.values()].reduce((sum, open) => sum + open, 0);
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

  #addCheck(name: string, { passed, failed, examples }: CheckCount): void {
    const check = this.checks.get(name) ?? { passed: 0, failed: 0, examples: [] };
    check.passed += passed;
    check.failed += failed;
    check.examples.push(...examples.slice(0, EXAMPLES_MAX - check.examples.length));
    this.checks.set(name, check);
  }

  #momentOf(at: number): Moment {
    const second = Math.max(0, Math.floor((at - this.startedAt) / 1_000));
    const last = this.moments.at(-1);
    if (last !== undefined && last.second >= second) return last;
    const moment: Moment = { second, open: this.open, counts: {}, latencies: new Map(), busy: 0, delayP99Ms: 0 };
    this.moments.push(moment);
    return moment;
  }
}
