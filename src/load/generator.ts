import type { Ledger } from './ledger.ts';
import { largest, round } from './quantity.ts';
import type { GeneratorFigures } from './result.ts';

/** Fewer latencies than this are an example, and no measurement. */
const SAMPLES_MIN = 100;
/** More of the latencies than this is its own, and it is more than a trifle. */
const OWN_SHARE_MAX = 0.5;
const OWN_MIN_MS = 10;
/** A loop that is never without work waits for no server: the server waits for it. */
const SATURATED_BUSY = 0.95;
const SATURATED_TIMES_MIN = 4;

/**
 * Was the generator, and not the server, what was measured? A busy loop alone says little: on a machine where others work, it
 * is busy while it waits for its turn, and the figures may be fine. What counts is its share in the latencies: what is sent
 * waits for the loop, and so does the answer. And where most were measured while it had no free moment, they queued for it.
 */
export function judgeGenerator({ moments, counts, latencies, measurements }: Ledger): GeneratorFigures {
  const busy = moments.map((moment) => moment.busy);
  const samples = sum(measurements.map((each) => each.samples));
  const totalMs = sum([...latencies.values()].map((histogram) => histogram.sum));
  const ownMs = Math.min(totalMs, sum(measurements.map((each) => each.samples * each.waitMs * 2)));
  const ownShare = totalMs === 0 ? 0 : ownMs / totalMs;
  const saturated = measurements.filter((each) => each.busy > SATURATED_BUSY);
  const isBlocked = ownShare > OWN_SHARE_MAX && ownMs > samples * OWN_MIN_MS;
  const isSaturated =
    saturated.length >= SATURATED_TIMES_MIN && sum(saturated.map((each) => each.samples)) > samples / 2;
  return {
    busyMean: round(sum(busy) / Math.max(1, busy.length)),
    busyMax: round(largest(busy)),
    delayP99Ms: round(largest(moments.map((moment) => moment.delayP99Ms))),
    ownShare: round(ownShare),
    lateSends: counts.lateSends ?? 0,
    isBottleneck: samples >= SAMPLES_MIN && (isBlocked || isSaturated),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
