/** One measurement. */
export interface BenchRow {
  /** `rtserver`, or `socket.io` for the control. */
  server: string;
  name: 'http' | 'connections' | 'acknowledgements' | 'fan-out';
  /** So many a second. */
  perSecond: number;
  unit: string;
  count: number;
  /** Milliseconds. */
  latency: { p50: number; p95: number; p99: number; max: number };
  /** What went wrong; a measurement with errors is no measurement. */
  errors: number;
  example?: string | undefined;
}

export interface BenchResult {
  format: 'rtserver-bench/1';
  ok: boolean;
  rows: BenchRow[];
  sockets: number;
  durationMs: number;
  versions: { rtserver: string; node: string };
  machine: { cpus: number; model: string };
}

/** Percentiles of what was measured, exact. */
export function summarize(samples: readonly number[]): BenchRow['latency'] {
  const sorted = [...samples].sort((left, right) => left - right);
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: round(sorted.at(-1) ?? 0) };
}

const round = (ms: number) => Math.round(ms * 100) / 100;
