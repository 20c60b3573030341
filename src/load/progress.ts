import type { Ledger } from './ledger.ts';
import { plural, showMs } from './quantity.ts';
import type { LatencyName } from './recorder.ts';

/** How far a run is, in one line. */
export function renderProgress(ledger: Ledger, arrivalsMs: number | undefined): string {
  const hasBegun = ledger.arrivalsAt !== undefined || ledger.count('users_started') > 0;
  if (!hasBegun) return `${secondsSince(ledger.startedAt)} s · starting Artillery`;
  const { passed, failed } = ledger.checked;
  const parts = [
    time(ledger, arrivalsMs),
    `${ledger.open.toLocaleString('en-US')} connected`,
    `${plural(ledger.count('refusals'), 'attempt')} refused`,
    `${ledger.eventsPerSecond.toLocaleString('en-US')} events/s`,
    ...latency(ledger, 'ack', 'ack'),
    ...latency(ledger, 'delivery', 'delivery'),
    `checks ${passed.toLocaleString('en-US')} passed, ${failed.toLocaleString('en-US')} failed`,
  ];
  return parts.join(' · ');
}

function time({ startedAt, arrivalsAt }: Ledger, arrivalsMs: number | undefined): string {
  const elapsed = `${secondsSince(startedAt)} s`;
  if (arrivalsMs === undefined) return elapsed;
  const now = Date.now();
  const left = Math.max(0, arrivalsMs - (now - (arrivalsAt ?? now)));
  return `${elapsed}, ${Math.round(left / 1_000)} s left`;
}

const secondsSince = (at: number) => Math.round((Date.now() - at) / 1_000);

function latency(ledger: Ledger, name: LatencyName, title: string): string[] {
  const histogram = ledger.latencies.get(name);
  if (histogram === undefined || histogram.count === 0) return [];
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => showMs(histogram.percentile(share) ?? 0));
  return [`${title} p50 ${p50} p95 ${p95} p99 ${p99}`];
}
