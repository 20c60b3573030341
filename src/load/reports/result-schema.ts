import { z } from 'zod';
import type { LoadResult } from '../result.ts';

const figure = z.number();
const count = z.int().min(0);
const percentiles = z.object({ p50: figure, p95: figure, p99: figure });

const latency = percentiles.extend({
  count,
  min: figure,
  mean: figure,
  p90: figure,
  max: figure,
  distribution: z
    .array(z.object({ ms: figure, count }))
    .describe('how many took at most so long, and longer than the one before'),
});

/** Of the JSON report. Keys may be added within a version; none goes away or changes its meaning. */
const resultSchema = z.object({
  format: z.literal('rtserver-load/1'),
  verdict: z.enum(['passed', 'failed', 'interrupted']),
  reasons: z.array(z.string()).describe('why it failed, a sentence each'),
  answers: z.array(z.string()).optional().describe('what the scenario found out, a sentence each'),
  scenario: z.object({ file: z.string(), question: z.string().optional(), sha256: z.string() }),
  startedAt: z.iso.datetime(),
  durationMs: figure,
  server: z.object({ url: z.string(), startedForTheRun: z.boolean() }),
  variables: z.record(z.string(), z.unknown()),
  checks: z.array(
    z.object({ name: z.string(), passed: count, failed: count, examples: z.array(z.string()), isJudged: z.boolean() }),
  ),
  thresholds: z.array(
    z.object({
      expression: z.string(),
      isMet: z.boolean(),
      isStrict: z.boolean(),
      problem: z.string().optional().describe('why it could not be judged'),
    }),
  ),
  virtualUsers: z.object({ started: count, failed: count }),
  counts: z
    .record(z.string(), count)
    .describe('"refusals" and "failures" are attempts to connect: who tries again counts again'),
  latencies: z
    .object({ connect: latency.optional(), ack: latency.optional(), delivery: latency.optional() })
    .describe('milliseconds'),
  notes: z.array(z.string()),
  generator: z.object({
    busyMean: figure,
    busyMax: figure,
    delayP99Ms: figure,
    ownShare: figure.optional().describe('how much of the latencies was waiting for its event loop, 0 to 1'),
    lateSends: count,
    isBottleneck: z.boolean(),
  }),
  serverFigures: z
    .object({
      isSinceRestart: z.boolean().optional(),
      accepted: figure,
      refused: figure,
      closed: figure,
      deliveries: figure,
      eventsReceived: figure,
      connectionsMax: figure,
      rssBytesMax: figure,
      cpuMs: figure,
      eventLoopDelayP99Ms: figure,
    })
    .nullable(),
  leaks: z.object({
    status: z.enum(['none', 'leaked', 'not judged']),
    scope: z
      .enum(['server', 'run'])
      .optional()
      .describe('the totals of the server, or only what the run itself opened'),
    findings: z.array(z.string()),
  }),
  timeline: z.array(
    z.object({
      second: count.describe('since the start'),
      seconds: count.optional().describe('how many it stands for, where more than 1: a long run has no more points'),
      open: figure.describe('connected sockets at its end'),
      openMax: figure.optional().describe('the most of them at once'),
      connects: count,
      refusals: count,
      received: count,
      acks: count,
      ack: percentiles.optional(),
      delivery: percentiles.optional(),
      busy: figure,
    }),
  ),
  versions: z.object({ rtserver: z.string(), node: z.string(), artillery: z.string() }),
  machine: z.object({ cpus: count, model: z.string(), platform: z.string() }),
});

/** @throws where a text is no report of this version */
export function readResult(text: string): LoadResult {
  const value = JSON.parse(text) as { format?: unknown } | null;
  if (value?.format !== 'rtserver-load/1') {
    throw new Error(`its format is ${JSON.stringify(value?.format) ?? 'unknown'}, not "rtserver-load/1"`);
  }
  return resultSchema.parse(value) as LoadResult;
}

export function createResultJsonSchema(): Record<string, unknown> {
  return { title: 'A report of rtserver load', ...z.toJSONSchema(resultSchema, { io: 'input' }) };
}
