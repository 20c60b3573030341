import { largest, showMs } from '../quantity.ts';
import type { LatencySummary } from '../result.ts';
import { escapeMarkup } from './escape.ts';

interface Line {
  /** Left out where the title says it. */
  name?: string;
  y: readonly number[];
}

interface LinePlot {
  title: string;
  /** How many seconds the axis is long: the same for all plots of a run. */
  until: number;
  /** Seconds. */
  x: readonly number[];
  lines: readonly Line[];
  format(value: number): string;
}

const WIDTH = 480;
const HEIGHT = 190;
const LEFT = 58;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 24;
const COLOURS = ['var(--a)', 'var(--b)', 'var(--c)', 'var(--d)'];

const toX = (value: number, from: number, to: number) =>
  LEFT + ((value - from) / Math.max(1e-9, to - from)) * (WIDTH - LEFT - RIGHT);
const toY = (value: number, most: number) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);

/** Values over time. */
export function renderLines({ title, until, x, lines, format }: LinePlot): string {
  const most = niceMax(largest(lines.flatMap(({ y }) => y)));
  const paths = lines.map(({ y }, index) => {
    const points = y.map((value, at) => `${toX(x[at] ?? 0, 0, until).toFixed(1)},${toY(value, most).toFixed(1)}`);
    return `<polyline fill="none" stroke="${COLOURS[index % COLOURS.length]}" stroke-width="1.8" stroke-linejoin="round" points="${points.join(' ')}"/>`;
  });
  const seconds = ticks(until).map(
    (value) =>
      `<text x="${toX(value, 0, until).toFixed(1)}" y="${HEIGHT - 6}" text-anchor="middle">${showSeconds(value)}</text>`,
  );
  const key = lines.flatMap(({ name }, index) =>
    name === undefined ? [] : keyOf(name, COLOURS[index % COLOURS.length] ?? ''),
  );
  return frame(title, key, [...gridLines(most, format), ...paths, ...seconds]);
}

/** How many took how long; the latency on a logarithmic axis. */
export function renderDistribution(title: string, summary: LatencySummary): string {
  const { distribution, p50, p95, p99 } = summary;
  const log = Math.log10;
  const from = log(Math.max(0.01, (distribution[0]?.ms ?? 0.01) / 1.05));
  const to = Math.max(from + 0.3, log(distribution.at(-1)?.ms ?? 1));
  const bars = collect(distribution, from, to);
  const most = niceMax(Math.max(...bars, 1));
  const width = (WIDTH - LEFT - RIGHT) / bars.length;
  const rects = bars.map((count, index) => {
    const top = toY(count, most);
    return `<rect x="${(LEFT + index * width + 0.5).toFixed(1)}" y="${top.toFixed(1)}" width="${Math.max(1, width - 1).toFixed(1)}" height="${(HEIGHT - BOTTOM - top).toFixed(1)}" fill="var(--a)" opacity="0.75"/>`;
  });
  const marks = [p50, p95, p99].map((ms) => {
    const at = toX(log(Math.max(ms, 0.01)), from, to).toFixed(1);
    return `<line class="mark" x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`;
  });
  const labels = logTicks(from, to).map(
    (ms) =>
      `<text x="${toX(log(ms), from, to).toFixed(1)}" y="${HEIGHT - 6}" text-anchor="middle">${showTick(ms)}</text>`,
  );
  const key = [`<span class="key">p50 ${showMs(p50)}, p95 ${showMs(p95)}, p99 ${showMs(p99)}</span>`];
  return frame(title, key, [
    ...gridLines(most, (value) => value.toLocaleString('en-US', { maximumFractionDigits: 1 })),
    ...rects,
    ...marks,
    ...labels,
  ]);
}

const BARS = 48;

function collect(distribution: LatencySummary['distribution'], from: number, to: number): number[] {
  const bars = new Array<number>(BARS).fill(0);
  for (const { ms, count } of distribution) {
    const index = Math.floor(((Math.log10(Math.max(ms, 0.01)) - from) / (to - from)) * BARS);
    const at = Math.min(BARS - 1, Math.max(0, index));
    bars[at] = (bars[at] ?? 0) + count;
  }
  return bars;
}

function frame(title: string, key: readonly string[], inner: readonly string[]): string {
  const svg = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeMarkup(title)}">${inner.join('')}</svg>`;
  return `<figure><figcaption>${escapeMarkup(title)}${key.join('')}</figcaption>${svg}</figure>`;
}

const keyOf = (name: string, colour: string) =>
  `<span class="key"><i style="background:${colour}"></i>${escapeMarkup(name)}</span>`;

function gridLines(most: number, format: (value: number) => string): string[] {
  return [0, 0.5, 1].map((share) => {
    const y = toY(most * share, most).toFixed(1);
    const text = `<text x="${LEFT - 8}" y="${Number(y) + 4}" text-anchor="end">${share === 0 ? '0' : escapeMarkup(format(most * share))}</text>`;
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>${text}`;
  });
}

const NICE = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The next number that is easy to halve. */
function niceMax(value: number): number {
  if (value <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  // There are no half sockets.
  const isHalved = (most: number) => size < 1 || Number.isInteger(most / 2);
  return NICE.map((step) => step * size).find((most) => most >= value && isHalved(most)) ?? 10 * size;
}

/** Seconds that a clock is divided by. */
const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];

function showSeconds(seconds: number): string {
  if (seconds === 0 || seconds % 60 !== 0) return `${seconds} s`;
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${seconds / 60} min`;
}

const TICKS_MAX = 5;

function ticks(until: number): number[] {
  const step = TIMES.find((seconds) => until / seconds <= TICKS_MAX) ?? Math.ceil(until / TICKS_MAX);
  const found: number[] = [];
  for (let value = 0; value <= until; value += step) found.push(value);
  return found;
}

function logTicks(from: number, to: number): number[] {
  const few = to - from > 2.5 ? [1] : [1, 2, 5];
  const found: number[] = [];
  for (let power = Math.floor(from); power <= Math.ceil(to); power += 1) {
    for (const digit of few) {
      const ms = digit * 10 ** power;
      if (Math.log10(ms) >= from && Math.log10(ms) <= to) found.push(ms);
    }
  }
  return found;
}

const showTick = (ms: number) => (ms >= 1_000 ? `${ms / 1_000} s` : `${Number(ms.toPrecision(2))} ms`);
