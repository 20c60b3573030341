import type { BenchRow } from './result.ts';

/** One measurement as one line. */
export function renderRow({ server, unit, perSecond, latency, errors, example }: BenchRow): string {
  const { p50, p95, p99 } = latency;
  const speed = `${perSecond.toLocaleString('en-US')} ${unit}/s`;
  const line = `${server.padEnd(10)} ${speed.padEnd(32)} p50 ${ms(p50)}  p95 ${ms(p95)}  p99 ${ms(p99)}`;
  return errors === 0
    ? line
    : `${line}\n  FAILED: ${errors.toLocaleString('en-US')} errors, the first: ${example ?? 'unknown'}`;
}

const ms = (value: number) => `${value >= 100 ? Math.round(value) : value.toFixed(2)} ms`.padEnd(10);
