import { z } from 'zod';
import { DEFAULT_PATH } from './contract/server-url.ts';
import {
  count,
  duration,
  listOf,
  oneOf,
  positiveDuration,
  section,
  size,
  text,
  whole,
  yesOrNo,
} from './settings-kinds.ts';

const ORIGIN =
  'must be an origin such as https://app.example or https://*.app.example, without a path; a host in the letters of ASCII (xn--…), as browsers send it';
const origin = z.string({ error: ORIGIN }).refine(isOriginPattern, { error: ORIGIN });

const SECONDS = 'must be a number of seconds, 0 or more';
const PATH = 'must begin with / and not end with it';
const PREFIX = 'must be 1 to 64 letters, digits or any of . : _ -';

function isOriginPattern(value: string): boolean {
  if (!/^[\x00-\x7f]*$/.test(value)) return false;
  return value === '*' || /^[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[^/\s?#@:[\]]+)(?::(?:\d{1,5}|\*))?$/i.test(value);
}

/**
 * Everything that can be configured, with its default: the one gate. Durations become milliseconds, sizes bytes, and the
 * rest of the program trusts what comes out.
 */
export const settingsSchema = z.strictObject({
  host: text.default('127.0.0.1'),
  port: whole(0, 65_535).default(3_000),
  path: z
    .string({ error: PATH })
    .regex(/^\/[^\s?#]*[^\s?#/]$/, { error: PATH })
    .refine((path) => !/^\/(?:api|healthz|readyz|metrics)(?:\/|$)/.test(path), 'must leave the HTTP API alone')
    .default(DEFAULT_PATH),
  tls: section({ cert: text.optional(), key: text.optional() }).prefault({}),
  insecureHttp: yesOrNo.default(false),
  trustProxy: listOf(text, 'addresses, subnets or names such as loopback').default([]),
  cors: section({
    origins: listOf(origin, 'origins').optional(),
    requireOrigin: yesOrNo.default(false),
  }).prefault({}),
  auth: section({
    secret: text.optional(),
    previousSecret: text.optional(),
    publicKey: text.optional(),
    jwksUri: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    algorithms: listOf(text, 'algorithms such as RS256').optional(),
    issuer: text.optional(),
    audience: text.optional(),
    clockToleranceSeconds: z.number({ error: SECONDS }).min(0, { error: SECONDS }).default(0),
  }).prefault({}),
  limits: section({
    connectionsPerUser: count.default(3),
    onExceeded: oneOf(['reject', 'replace-oldest']).default('reject'),
    connections: count.optional(),
    roomsPerSocket: count.default(100),
    eventsPerSecond: count.default(100),
    payloadBytes: size.prefault('100kB'),
    bufferedBytes: size.prefault('1MiB'),
    connectsPerSecond: count.optional(),
    connectTimeout: positiveDuration.prefault('10s'),
    whenStoreDown: oneOf(['local', 'refuse']).default('local'),
  }).prefault({}),
  heartbeat: section({
    timeout: positiveDuration.prefault('60s'),
    source: oneOf(['ping', 'any']).default('ping'),
  }).prefault({}),
  ack: section({ timeout: positiveDuration.prefault('5s') }).prefault({}),
  engine: section({
    pingInterval: positiveDuration.prefault('25s'),
    pingTimeout: positiveDuration.prefault('20s'),
    transports: listOf(oneOf(['websocket', 'polling']), 'transports: websocket, polling')
      .min(1, 'must name at least one')
      .default(['websocket', 'polling']),
  }).prefault({}),
  redis: section({
    url: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
    prefix: z
      .string({ error: PREFIX })
      .regex(/^[\w.:-]{1,64}$/, { error: PREFIX })
      .default('rtserver'),
  }).prefault({}),
  /** Off, every message takes Socket.IO's own way to its client. In the environment, `RTSERVER_FAST_PATH=0`. */
  fastPath: yesOrNo.default(true),
  workers: z.union([count, z.literal('auto')], { error: 'must be a whole number from 1, or auto' }).default(1),
  state: section({ file: text.optional() }).prefault({}),
  shutdown: section({
    timeout: positiveDuration.prefault('10s'),
    spread: duration.prefault('2s'),
  }).prefault({}),
  log: section({
    level: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    format: oneOf(['pretty', 'json']).default('json'),
  }).prefault({}),
});

/** What can be written in a configuration file. */
export type Settings = z.input<typeof settingsSchema>;
/** The same, complete: durations in milliseconds, sizes in bytes. */
export type ResolvedSettings = z.output<typeof settingsSchema>;
