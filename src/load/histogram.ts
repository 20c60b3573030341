/** Counts by bucket: plain data that travels between threads and processes, and adds up exactly. */
export interface HistogramData {
  buckets: [index: number, count: number][];
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** Each bucket is 2 % wider than the one before, so that a percentile is wrong by 1 % at most. */
const GROWTH = Math.log(1.02);
const SMALLEST_MS = 0.01;

/** Durations in milliseconds. Merged, never averaged: the percentile of two workers is not the mean of theirs. */
export class Histogram {
  readonly #buckets = new Map<number, number>();
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = 0;

  record(ms: number): void {
    const value = Math.max(ms, SMALLEST_MS);
    const index = Math.floor(Math.log(value / SMALLEST_MS) / GROWTH);
    this.#buckets.set(index, (this.#buckets.get(index) ?? 0) + 1);
    this.count += 1;
    this.sum += value;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  merge(data: HistogramData): void {
    if (data.count === 0) return;
    for (const [index, count] of data.buckets) this.#buckets.set(index, (this.#buckets.get(index) ?? 0) + count);
    this.count += data.count;
    this.sum += data.sum;
    this.min = Math.min(this.min, data.min);
    this.max = Math.max(this.max, data.max);
  }

  /** @param share 0.5 for the median; `undefined` where nothing was recorded */
  percentile(share: number): number | undefined {
    if (this.count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (const [index, count] of this.#sorted()) {
      seen += count;
      if (seen >= rank) return clamp(upperEdge(index) / Math.exp(GROWTH / 2), this.min, this.max);
    }
    return this.max;
  }

  /** Upper edge of each bucket in use, with its count: for plots. */
  distribution(): { ms: number; count: number }[] {
    return this.#sorted().map(([index, count]) => ({ ms: upperEdge(index), count }));
  }

  toData(): HistogramData {
    return {
      buckets: this.#sorted(),
      count: this.count,
      sum: this.sum,
      min: this.count === 0 ? 0 : this.min,
      max: this.max,
    };
  }

  static from(data: HistogramData): Histogram {
    const histogram = new Histogram();
    histogram.merge(data);
    return histogram;
  }

  #sorted(): [number, number][] {
    return [...this.#buckets].sort(([a], [b]) => a - b);
  }
}

const upperEdge = (index: number) => SMALLEST_MS * Math.exp((index + 1) * GROWTH);
const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
