import type { Histogram } from './histogram.ts';
import { round } from './quantity.ts';
import type { Delta, LatencyName } from './recorder.ts';
import type { GeneratorFigures } from './result.ts';

/** Fewer latencies than this are an example, and no measurement. */
const SAMPLES_MIN = 100;
/** More of the latencies than this is its own, and it is more than a trifle. */
const OWN_SHARE_MAX = 0.5;
const OWN_MIN_MS = 10;
/** A loop that is never without work waits for no server: the server waits for it. */
const SATURATED_BUSY = 0.95;
const SATURATED_TIMES_MIN = 4;

/** What a run has counted and measured. */
interface Measured {
  generator: GeneratorTally;
  counts: Delta['counts'];
  latencies: ReadonlyMap<LatencyName, Histogram>;
}

/** How the generator itself was while it measured, added up as the run goes. */
export class GeneratorTally {
  busyMax = 0;
  delayP99Ms = 0;
  /** Latencies that were measured. */
  samples = 0;
  /** How much of them was waiting for its own event loop: what is sent waits for it, and so does the answer. */
  ownMs = 0;
  /** How often, and for how many latencies, it had no free moment. */
  saturatedTimes = 0;
  saturatedSamples = 0;
  #seconds = 0;
  #busySum = 0;
  #second = -1;
  #busy = 0;

  /** The mean of how busy the busiest worker was in each second. */
  get busyMean(): number {
    return this.#busySum / Math.max(1, this.#seconds);
  }

  add(second: number, samples: number, { busy, delayP99Ms, waitMs }: Delta['generator']): void {
    if (second > this.#second) {
      this.#second = second;
      this.#seconds += 1;
      this.#busy = 0;
    }
    this.#busySum += Math.max(0, busy - this.#busy);
    this.#busy = Math.max(this.#busy, busy);
    this.busyMax = Math.max(this.busyMax, busy);
    this.delayP99Ms = Math.max(this.delayP99Ms, delayP99Ms);
    if (samples === 0) return;
    this.samples += samples;
    this.ownMs += samples * waitMs * 2;
    if (busy <= SATURATED_BUSY) return;
    this.saturatedTimes += 1;
    this.saturatedSamples += samples;
  }
}

/**
 * Was the generator, and not the server, what was measured? A busy loop alone says little: on a machine where others work, it
 * is busy while it waits for its turn, and the figures may be fine. What counts is its share in the latencies. And where most
 * were measured while it had no free moment, they queued for it.
 */
export function judgeGenerator({ generator, counts, latencies }: Measured): GeneratorFigures {
  const { busyMean, busyMax, delayP99Ms, samples, saturatedTimes, saturatedSamples } = generator;
  const totalMs = [...latencies.values()].reduce((total, histogram) => total + histogram.sum, 0);
  const ownMs = Math.min(totalMs, generator.ownMs);
  const ownShare = totalMs === 0 ? 0 : ownMs / totalMs;
  const isBlocked = ownShare > OWN_SHARE_MAX && ownMs > samples * OWN_MIN_MS;
  const isSaturated = saturatedTimes >= SATURATED_TIMES_MIN && saturatedSamples > samples / 2;
  return {
    busyMean: round(busyMean),
    busyMax: round(busyMax),
    delayP99Ms: round(delayP99Ms),
    ownShare: round(ownShare),
    lateSends: counts.lateSends ?? 0,
    isBottleneck: samples >= SAMPLES_MIN && (isBlocked || isSaturated),
  };
}
