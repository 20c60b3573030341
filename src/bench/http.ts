import autocannon from 'autocannon';
import { splitUrl } from '../contract/server-url.ts';
import type { BenchRow } from './result.ts';

export interface HttpTarget {
  url: string;
  token: string;
  durationMs: number;
  /** Ends the measurement before its time, within a second. */
  signal: AbortSignal;
}

const CONNECTIONS = 10;

/**
 * `POST /api/emit` as fast as it goes. autocannon itself exits with 0 when every answer is an error, so what came back is
 * counted here: anything but 2xx fails.
 */
export async function measureHttp({ url, token, durationMs, signal }: HttpTarget): Promise<BenchRow> {
  const { origin, prefix } = splitUrl(url);
  const options: autocannon.Options = {
    url: `${origin}${prefix}/api/emit`,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'bench:http', payload: { n: 1 }, to: { rooms: ['bench-nobody'] } }),
    connections: CONNECTIONS,
    duration: Math.max(1, Math.round(durationMs / 1_000)),
  };
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(options, (error, found) => {
      signal.removeEventListener('abort', run.stop);
      if (error) reject(error);
      else resolve(found);
    });
    signal.addEventListener('abort', run.stop);
  });
  const { latency, errors, timeouts, non2xx, requests } = result;
  const failed = errors + timeouts + non2xx;
  return {
    server: 'rtserver',
    name: 'http',
    perSecond: Math.round(requests.average),
    unit: 'emissions over HTTP',
    count: requests.total,
    // autocannon has no p95; the next it has is above it, never below.
    latency: { p50: latency.p50, p95: latency.p97_5, p99: latency.p99, max: latency.max },
    errors: failed + (requests.total === 0 ? 1 : 0),
    example:
      failed === 0
        ? undefined
        : `${errors} connection errors, ${timeouts} timeouts, ${non2xx} answers that are not 2xx`,
  };
}
