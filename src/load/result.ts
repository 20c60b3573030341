import type { Threshold } from './artillery/messages.ts';
import type { CountName, LatencyName } from './recorder.ts';

/** Everything that a run came to: plain data, of which the table, JSON, JUnit, Markdown and HTML are equal readers. */
export interface LoadResult {
  format: 'rtserver-load/1';
  verdict: 'passed' | 'failed' | 'interrupted';
  /** Why it failed, a sentence each. */
  reasons: string[];
  /** What the scenario found out, a sentence each. Reports from before there were any have none. */
  answers?: string[] | undefined;
  scenario: { file: string; question?: string | undefined; sha256: string };
  startedAt: string;
  durationMs: number;
  server: { url: string; startedForTheRun: boolean };
  variables: Record<string, unknown>;
  checks: CheckResult[];
  thresholds: Threshold[];
  virtualUsers: { started: number; failed: number };
  counts: Record<CountName, number>;
  latencies: Partial<Record<LatencyName, LatencySummary>>;
  notes: string[];
  generator: GeneratorFigures;
  /** The server's own figures; `null` where its HTTP API could not be asked. */
  serverFigures: ServerFigures | null;
  leaks: LeakVerdict;
  timeline: TimelinePoint[];
  versions: { rtserver: string; node: string; artillery: string };
  machine: { cpus: number; model: string; platform: string };
}

export interface CheckResult {
  name: string;
  passed: number;
  failed: number;
  /** First failures, in words. */
  examples: string[];
  /** A row of its own also when nothing is wrong. */
  isJudged: boolean;
}

/** Milliseconds. */
export interface LatencySummary {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
  distribution: { ms: number; count: number }[];
}

export interface GeneratorFigures {
  /** How busy its event loop was, 0 to 1. */
  busyMean: number;
  busyMax: number;
  delayP99Ms: number;
  /** How much of the latencies was waiting for its event loop, 0 to 1: an estimate. */
  ownShare?: number | undefined;
  lateSends: number;
  /** Then the latencies say more about it than about the server. */
  isBottleneck: boolean;
}

export interface ServerFigures {
  /** The server was restarted during the run, and counts from then. */
  isSinceRestart?: boolean | undefined;
  accepted: number;
  refused: number;
  closed: number;
  deliveries: number;
  eventsReceived: number;
  connectionsMax: number;
  rssBytesMax: number;
  cpuMs: number;
  eventLoopDelayP99Ms: number;
}

export interface LeakVerdict {
  status: 'none' | 'leaked' | 'not judged';
  /** `server`: its totals; `run`: on a server that others use as well, only what the run itself opened. */
  scope?: 'server' | 'run' | undefined;
  /** What was not given back, or why it was not judged. */
  findings: string[];
}

export interface TimelinePoint {
  /** Since the start. */
  second: number;
  /** How many seconds it stands for, where it is more than one. */
  seconds?: number | undefined;
  /** Connected sockets at its end, and the most at once. */
  open: number;
  openMax?: number | undefined;
  connects: number;
  refusals: number;
  received: number;
  acks: number;
  ack?: { p50: number; p95: number; p99: number } | undefined;
  delivery?: { p50: number; p95: number; p99: number } | undefined;
  busy: number;
}
