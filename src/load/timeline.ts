import { Histogram } from './histogram.ts';
import type { CountName, LatencyName } from './recorder.ts';

/** What happened within one second of a run, or within a few. */
export interface Moment {
  /** Since the start of the run: where it begins. */
  second: number;
  /** How many seconds it stands for; the last one may be going on. */
  seconds: number;
  /** Sockets that are connected at its end. */
  open: number;
  /** The most of them at once. */
  openMax: number;
  counts: Partial<Record<CountName, number>>;
  latencies: Map<LatencyName, Histogram>;
  /** The busiest that the generator was. */
  busy: number;
}

/** Half an hour second by second; more than a plot has pixels. */
const MOMENTS_MAX = 1_800;

/** A run over time. A long one has moments of 2, 4, 8 … seconds, so that there are never more than so many. */
export class Timeline {
  #moments: Moment[] = [];
  #seconds = 1;

  get moments(): readonly Moment[] {
    return this.#moments;
  }

  /** The moment that a second belongs to: the last one, or a new one after it. */
  at(second: number): Moment {
    const begin = second - (second % this.#seconds);
    const last = this.#moments.at(-1);
    if (last !== undefined && last.second >= begin) {
      last.seconds = Math.max(last.seconds, second - last.second + 1);
      return last;
    }
    if (this.#moments.length === MOMENTS_MAX) {
      this.#fold();
      return this.at(second);
    }
    if (last !== undefined) last.seconds = this.#seconds;
    const moment: Moment = {
      ...{ second: begin, seconds: second - begin + 1, open: 0, openMax: 0, busy: 0 },
      ...{ counts: {}, latencies: new Map() },
    };
    this.#moments.push(moment);
    return moment;
  }

  #fold(): void {
    this.#seconds *= 2;
    const folded: Moment[] = [];
    for (const moment of this.#moments) {
      const begin = moment.second - (moment.second % this.#seconds);
      const seconds = moment.second + moment.seconds - begin;
      const last = folded.at(-1);
      if (last?.second === begin) {
        absorb(last, moment);
        last.seconds = seconds;
        continue;
      }
      if (last !== undefined) last.seconds = this.#seconds;
      folded.push({ ...moment, second: begin, seconds });
    }
    this.#moments = folded;
  }
}

function absorb(into: Moment, { open, openMax, counts, latencies, busy }: Moment): void {
  into.open = open;
  into.openMax = Math.max(into.openMax, openMax);
  into.busy = Math.max(into.busy, busy);
  addCounts(into.counts, counts);
  for (const [name, histogram] of latencies) {
    const own = into.latencies.get(name) ?? new Histogram();
    own.merge(histogram.toData());
    into.latencies.set(name, own);
  }
}

export function addCounts(into: Moment['counts'], counts: Moment['counts']): void {
  for (const [name, by] of Object.entries(counts) as [CountName, number][]) into[name] = (into[name] ?? 0) + by;
}
