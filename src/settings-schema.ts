import { z } from 'zod';
import { DEFAULT_PATH } from './contract/server-url.ts';
import { LONGEST_TIMER_MS, parseDuration, parseSize } from './contract/units.ts';

const duration = quantity(parseDuration, 'a duration such as 500ms, 60s or 5m').pipe(
  z.number().int().min(0).max(LONGEST_TIMER_MS),
);
const positiveDuration = duration.pipe(z.number().min(1, 'must be longer than 0'));
const size = quantity(parseSize, 'a size such as 100kB or 1MiB').pipe(z.number().int().min(1));
const count = z.int().min(1);

/** Numbers are milliseconds or bytes; text carries its unit. */
function quantity(parse: (text: string) => number | undefined, example: string) {
  return z.union([z.number(), z.string()], { error: `must be ${example}` }).transform((value, context) => {
    const parsed = typeof value === 'number' ? value : parse(value);
    if (parsed !== undefined && Number.isFinite(parsed) && parsed >= 0) return parsed;
    context.addIssue({ code: 'custom', message: `must be ${example}` });
    return z.NEVER;
  });
}

const origin = z.string().refine(isOriginPattern, {
  error:
    'must be an origin such as https://app.example or https://*.app.example, without a path; a host in the letters of ASCII (xn--…), as browsers send it',
});

function isOriginPattern(value: string): boolean {
  if (!/^[\x00-\x7f]*$/.test(value)) return false;
  return value === '*' || /^[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[^/\s?#@:[\]]+)(?::(?:\d{1,5}|\*))?$/i.test(value);
}

/**
 * Everything that can be configured, with its default: the one gate. Durations become milliseconds, sizes bytes, and the
 * rest of the program trusts what comes out.
 */
export const settingsSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3_000),
  path: z
    .string()
    .regex(/^\/[^\s?#]*[^\s?#/]$/, 'must begin with / and not end with it')
    .refine((path) => !/^\/(?:api|healthz|readyz|metrics)(?:\/|$)/.test(path), 'must leave the HTTP API alone')
    .default(DEFAULT_PATH),
  tls: z.strictObject({ cert: z.string().min(1).optional(), key: z.string().min(1).optional() }).prefault({}),
  insecureHttp: z.boolean().default(false),
  trustProxy: z.array(z.string().min(1)).default([]),
  cors: z
    .strictObject({
      origins: z.array(origin).optional(),
      requireOrigin: z.boolean().default(false),
    })
    .prefault({}),
  auth: z
    .strictObject({
      secret: z.string().min(1).optional(),
      previousSecret: z.string().min(1).optional(),
      publicKey: z.string().min(1).optional(),
      jwksUri: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
      algorithms: z.array(z.string()).optional(),
      issuer: z.string().min(1).optional(),
      audience: z.string().min(1).optional(),
      clockToleranceSeconds: z.number().min(0).default(0),
    })
    .prefault({}),
  limits: z
    .strictObject({
      connectionsPerUser: count.default(3),
      onExceeded: z.enum(['reject', 'replace-oldest']).default('reject'),
      connections: count.optional(),
      roomsPerSocket: count.default(100),
      eventsPerSecond: count.default(100),
      payloadBytes: size.prefault('100kB'),
      bufferedBytes: size.prefault('1MiB'),
      connectsPerSecond: count.optional(),
      connectTimeout: positiveDuration.prefault('10s'),
      whenStoreDown: z.enum(['local', 'refuse']).default('local'),
    })
    .prefault({}),
  heartbeat: z
    .strictObject({
      timeout: positiveDuration.prefault('60s'),
      source: z.enum(['ping', 'any']).default('ping'),
    })
    .prefault({}),
  ack: z.strictObject({ timeout: positiveDuration.prefault('5s') }).prefault({}),
  engine: z
    .strictObject({
      pingInterval: positiveDuration.prefault('25s'),
      pingTimeout: positiveDuration.prefault('20s'),
      transports: z
        .array(z.enum(['websocket', 'polling']))
        .min(1)
        .default(['websocket', 'polling']),
    })
    .prefault({}),
  redis: z
    .strictObject({
      url: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
      prefix: z
        .string()
        .regex(/^[\w.:-]{1,64}$/, 'must be 1 to 64 letters, digits or any of . : _ -')
        .default('rtserver'),
    })
    .prefault({}),
  /** Off, every message takes Socket.IO's own way to its client. In the environment, `RTSERVER_FAST_PATH=0`. */
  fastPath: z.boolean().default(true),
  workers: z.union([count, z.literal('auto')], { error: 'must be a whole number from 1, or auto' }).default(1),
  state: z.strictObject({ file: z.string().min(1).optional() }).prefault({}),
  shutdown: z
    .strictObject({
      timeout: positiveDuration.prefault('10s'),
      spread: duration.prefault('2s'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
      format: z.enum(['pretty', 'json']).default('json'),
    })
    .prefault({}),
});

/** What can be written in a configuration file. */
export type Settings = z.input<typeof settingsSchema>;
/** The same, complete: durations in milliseconds, sizes in bytes. */
export type ResolvedSettings = z.output<typeof settingsSchema>;
