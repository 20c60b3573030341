import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { BroadcastChannel, threadId } from 'node:worker_threads';
import { createAdminClient } from '../../client/admin.ts';
import { type Delta, Recorder } from '../recorder.ts';
import type { Host } from '../stage.ts';
import { makeToken } from '../tokens.ts';
import type { FromWorker, RunSettings, ToWorker } from './messages.ts';

const TICK_MS = 500;
const DELAY_RESOLUTION_MS = 10;

/** What the virtual users of one Artillery worker have in common: settings, counts, and the way home. */
export class WorkerSession {
  readonly settings: RunSettings;
  readonly recorder = new Recorder();
  readonly host: Host;
  readonly #channel: BroadcastChannel;
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  #utilization = performance.eventLoopUtilization();
  readonly #restarts = new Map<string, (answer: ToWorker) => void>();

  constructor(settingsFile: string, call: Host['call']) {
    const settings = JSON.parse(readFileSync(settingsFile, 'utf8')) as RunSettings;
    this.settings = settings;
    this.#channel = new BroadcastChannel(settings.channel);
    this.#channel.onmessage = ({ data }: { data: ToWorker }) => {
      if (data.kind === 'restarted') this.#restarts.get(data.id)?.(data);
    };
    // Neither the channel nor the timer keeps a worker from ending. (Missing from the types of Node 20.)
    (this.#channel as unknown as { unref(): void }).unref();
    this.#delay.enable();
    setInterval(() => this.flush(), TICK_MS).unref();
    const { tokens, target, hasAdmin, canRestart } = settings;
    const token = () => makeToken(tokens, 'rtserver-load', adminWish(tokens.kind)) ?? '';
    this.host = {
      target,
      tokens,
      recorder: this.recorder,
      admin: hasAdmin ? createAdminClient({ url: target.url, token }) : undefined,
      restart: canRestart ? () => this.#restart() : undefined,
      log: (text) => this.#send({ kind: 'log', text }),
      call,
    };
  }

  /** Hands over what happened since the last time. */
  flush(): void {
    const now = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(now, this.#utilization).utilization;
    this.#utilization = now;
    const delta = this.recorder.drain({ busy, ...this.#readDelay() });
    this.#send({ kind: 'delta', worker: threadId, delta });
  }

  #readDelay(): Pick<Delta['generator'], 'delayP99Ms' | 'waitMs'> {
    const { count, mean, stddev } = this.#delay;
    const p99 = this.#delay.percentile(99);
    this.#delay.reset();
    if (count === 0) return { delayP99Ms: 0, waitMs: 0 };
    // Each turn of the loop is a timer's 10 ms and its delay. Whoever comes at any moment meets a long turn more often than a
    // short one, and waits for half of it: the mean square over twice the mean.
    const delay = mean / 1e6 - DELAY_RESOLUTION_MS;
    const square = (stddev / 1e6) ** 2 + delay ** 2;
    return { delayP99Ms: Math.max(0, p99 / 1e6 - DELAY_RESOLUTION_MS), waitMs: square / (2 * (mean / 1e6)) };
  }

  #restart(): Promise<void> {
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      this.#restarts.set(id, ({ error }) => {
        this.#restarts.delete(id);
        if (error === undefined) resolve();
        else reject(new Error(error));
      });
      this.#send({ kind: 'restart', id });
    });
  }

  #send(message: FromWorker): void {
    this.#channel.postMessage(message);
  }
}

const adminWish = (kind: 'given' | 'secret') => (kind === 'given' ? 'valid' : { claims: { scope: 'admin' } });
