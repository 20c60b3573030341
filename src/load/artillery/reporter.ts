import type { EventEmitter } from 'node:events';
import { BroadcastChannel } from 'node:worker_threads';
import { strangeMetrics } from '../metric-names.ts';
import type { FromArtillery, FromWorker, Threshold, ToWorker } from './messages.ts';

/** As the plugin `ensure` hands it out: in `hashed`, the names of all metrics that there were are replaced. */
interface EnsureCheck {
  original: string;
  hashed?: string;
  result: unknown;
  strict: boolean;
}

interface ArtilleryGlobal {
  artillery?: { globalEvents?: EventEmitter };
}

/** Runs in Artillery's main thread (CUSTOM_REPORTERS) and hands everything on to the process that started it. */
export default function createReporter(events: EventEmitter): { cleanup(done: () => void): void } {
  const channel = new BroadcastChannel(channelName());
  const send = (message: FromArtillery) => void process.send?.(message);
  channel.onmessage = ({ data }: { data: FromWorker | ToWorker }) => {
    if (data.kind !== 'restarted') send(data);
  };
  (channel as unknown as { unref(): void }).unref();
  process.on('message', (message: ToWorker) => channel.postMessage(message));
  // Whoever started this is gone: nobody would ever see what comes of it.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();

  events.once('phaseStarted', () => send({ kind: 'arrivals' }));
  events.on('workerError', (_id: unknown, _worker: unknown, error: Error | undefined) => {
    send({ kind: 'worker-error', message: error?.message ?? 'a worker failed' });
  });
  (globalThis as ArtilleryGlobal).artillery?.globalEvents?.on('checks', (checks: EnsureCheck[]) => {
    send({ kind: 'thresholds', thresholds: checks.map(toThreshold) });
  });
  return { cleanup: (done) => done() };
}

/** The last argument of `artillery run … script.json` is the file; the channel is named after its folder. */
function channelName(): string {
  const script = process.argv.find((argument) => argument.endsWith('rtserver-script.json')) ?? '';
  return `rtserver:${script}`;
}

function toThreshold({ original, hashed, result, strict }: EnsureCheck): Threshold {
  const isMet = result === 1 || result === true;
  const problem = isMet ? undefined : describeProblem(hashed, result);
  return { expression: original, isMet, isStrict: strict, ...(problem !== undefined && { problem }) };
}

function describeProblem(hashed: string | undefined, result: unknown): string | undefined {
  if (result === undefined) return 'the expression cannot be read';
  const [unseen] = strangeMetrics(hashed ?? '');
  return unseen === undefined ? undefined : `no metric "${unseen}" was seen`;
}
