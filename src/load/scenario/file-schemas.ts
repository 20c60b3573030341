import { z } from 'zod';
import { amount, anything, count, duration, seconds, text } from './values.ts';

export const ENGINE = 'rtserver';

const phase = z.strictObject({
  name: text.optional(),
  duration: seconds.optional(),
  pause: seconds.optional(),
  arrivalCount: count.optional().describe('so many virtual users over the duration'),
  arrivalRate: amount.optional().describe('virtual users a second'),
  rampTo: amount.optional(),
  maxVusers: count.optional(),
});

const threshold = z
  .record(z.string(), amount)
  .refine((metrics) => Object.keys(metrics).length === 1, 'must be one metric: Artillery does not see a second one');

const ensure = z.strictObject({
  thresholds: z.array(threshold).optional().describe('metric: less than this'),
  conditions: z.array(z.strictObject({ expression: text, strict: z.boolean().optional() })).optional(),
  maxErrorRate: z.number().optional(),
});

export const configSchema = z.strictObject({
  target: text.optional().describe('the server; --url wins over it'),
  engines: z.record(z.string(), anything).optional(),
  phases: z
    .array(phase)
    .optional()
    .describe('how virtual users arrive; without phases, each scenario is played once, in the order of the file'),
  variables: z.record(z.string(), anything).optional().describe('defaults; the server and --var win over them'),
  ensure: ensure.optional(),
  rtserver: z
    .strictObject({
      server: z
        .record(z.string(), anything)
        .optional()
        .describe('the configuration of the server that is started for the run'),
      leaks: z.boolean().optional().describe('judge whether everything is given back at the end; default true'),
      settle: duration.optional().describe('how long the server may take to give everything back; default 5s'),
    })
    .optional(),
  payload: anything.optional(),
  processor: text.optional(),
  plugins: z.record(z.string(), anything).optional(),
  environments: z.record(z.string(), anything).optional(),
  defaults: anything.optional(),
  http: anything.optional(),
  ws: anything.optional(),
  socketio: anything.optional(),
  tls: anything.optional(),
  apdex: anything.optional(),
  includeFiles: anything.optional(),
});

export const scenarioSchema = z.strictObject({
  name: text.optional(),
  engine: text.optional(),
  weight: z.number().min(0).optional(),
  flow: z.array(anything).min(1, 'must have at least one step'),
});

export const fileSchema = z.strictObject({
  config: configSchema.optional(),
  scenarios: z.array(anything).min(1, 'must have at least one scenario'),
});

export type ScenarioConfig = z.infer<typeof configSchema>;
export type Scenario = z.infer<typeof scenarioSchema>;
