import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessFigures } from '../contract/stats.ts';

/** What this process uses; `close` ends the watching of its event loop. */
export interface ProcessWatch {
  read(): ProcessFigures;
  close(): void;
}

export function watchProcess(): ProcessWatch {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    read() {
      const { rss, heapUsed } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      return {
        pid: process.pid,
        rssBytes: rss,
        heapUsedBytes: heapUsed,
        cpuUserMs: Math.round(user / 1_000),
        cpuSystemMs: Math.round(system / 1_000),
        eventLoopDelayMs: { p50: toMs(delay.percentile(50)), p99: toMs(delay.percentile(99)), max: toMs(delay.max) },
      };
    },
    close: () => void delay.disable(),
  };
}

/** Nanoseconds to milliseconds, two decimals; 0 before the first sample. */
const toMs = (ns: number) => (Number.isFinite(ns) ? Math.round(ns / 10_000) / 100 : 0);
