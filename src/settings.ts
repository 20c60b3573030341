import { z } from 'zod';
import { didYouMean } from './contract/did-you-mean.ts';
import { RtError } from './contract/errors.ts';
import { isLoopback } from './contract/loopback.ts';
import { parseDuration, parseSize } from './contract/units.ts';

const LONGEST_TIMER_MS = 2_147_483_647;

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
  error: 'must be an origin such as https://app.example or https://*.app.example, without a path',
});

function isOriginPattern(value: string): boolean {
  return value === '*' || /^[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[^/\s?#@:[\]]+)(?::(?:\d{1,5}|\*))?$/i.test(value);
}

/**
 * Everything that can be configured, with its default: the one gate. Durations become milliseconds, sizes bytes, and the
 * rest of the program trusts what comes out.
 */
const schema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3_000),
  path: z
    .string()
    .regex(/^\/[^\s?#]*[^\s?#/]$/, 'must begin with / and not end with it')
    .default('/socket.io'),
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
      connectTimeout: positiveDuration.prefault('10s'),
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
export type Settings = z.input<typeof schema>;
/** The same, complete: durations in milliseconds, sizes in bytes. */
export type ResolvedSettings = z.output<typeof schema>;

/** One thing that is wrong with a configuration, for a message of one line. */
export interface SettingIssue {
  /** Dotted, as it is written: `limits.connectionsPerUser`. */
  key: string;
  /** What was given; `undefined` where a key is missing, or must not be shown. */
  value?: unknown;
  /** What would be right. */
  message: string;
}

/** As long as the hash of HS256 (RFC 7518, section 3.2). */
const SECRET_BYTES_MIN = 32;

const SECRET_KEYS: readonly string[] = ['auth.secret', 'auth.previousSecret'];

/**
 * Checks settings and fills in the defaults. The input is left as it is.
 *
 * @throws RtError `CONFIG_INVALID` with `detail.issues`, a list of `SettingIssue`
 */
export function resolveSettings(input: unknown): ResolvedSettings {
  const result = schema.safeParse(input);
  if (!result.success) throw configInvalid(result.error.issues.flatMap((issue) => toSettingIssues(issue, input)));
  const refused = findConflicts(result.data);
  if (refused.length > 0) throw configInvalid(refused);
  return result.data;
}

/** What is right by itself and wrong together. */
function findConflicts({ host, auth }: ResolvedSettings): SettingIssue[] {
  const issues: SettingIssue[] = [];
  const sources = (['secret', 'publicKey', 'jwksUri'] as const).filter((name) => auth[name] !== undefined);
  if (sources.length > 1) {
    const others = sources
      .slice(1)
      .map((name) => `auth.${name}`)
      .join(' and ');
    issues.push({ key: `auth.${sources[0]}`, message: `and ${others} exclude each other: keep one of them` });
  }
  if (auth.previousSecret !== undefined && auth.secret === undefined) {
    issues.push({ key: 'auth.previousSecret', message: 'goes with auth.secret only' });
  }
  if (auth.jwksUri?.startsWith('http:') && !isLoopback(new URL(auth.jwksUri).hostname)) {
    issues.push({
      key: 'auth.jwksUri',
      value: auth.jwksUri,
      message: 'must be an https URL: over http anybody on the way can replace the keys',
    });
  }
  for (const key of ['secret', 'previousSecret'] as const) {
    if (isLoopback(host) || auth[key] === undefined || Buffer.byteLength(auth[key]) >= SECRET_BYTES_MIN) continue;
    issues.push({
      key: `auth.${key}`,
      message: `must have at least ${SECRET_BYTES_MIN} bytes when host is not a loopback address (try: openssl rand -base64 32)`,
    });
  }
  return issues;
}

export function configInvalid(issues: readonly SettingIssue[]): RtError {
  return new RtError('CONFIG_INVALID', { reason: issues.map(describeIssue).join('; '), issues });
}

/** `limits.connectionsPerUser: must be a whole number, got "many"`. */
export function describeIssue({ key, value, message }: SettingIssue): string {
  return value === undefined ? `${key} ${message}` : `${key} ${message}, got ${JSON.stringify(value)}`;
}

function toSettingIssues(issue: z.core.$ZodIssue, input: unknown): SettingIssue[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      key: [...path, key].join('.'),
      message: `is not a known key.${didYouMean(key, keysAt(path))}`,
    }));
  }
  const key = path.join('.');
  const value = path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], input);
  return [{ key, message: lowerFirst(issue.message), ...(!SECRET_KEYS.includes(key) && { value }) }];
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Every key that can be set, dotted: for environment variables and for suggestions. */
export const SETTING_KEYS: readonly string[] = collectKeys(schema, '');

function keysAt(path: readonly string[]): string[] {
  const prefix = path.length === 0 ? '' : `${path.join('.')}.`;
  const below = SETTING_KEYS.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return [...new Set(below.map((key) => key.split('.')[0] ?? key))];
}

function collectKeys(object: z.core.$ZodObject, prefix: string): string[] {
  return Object.entries(object._zod.def.shape).flatMap(([key, field]) => {
    const inner = unwrap(field);
    return inner instanceof z.core.$ZodObject ? collectKeys(inner, `${prefix}${key}.`) : [prefix + key];
  });
}

function unwrap(field: z.core.$ZodType): z.core.$ZodType {
  const def = field._zod.def as { innerType?: z.core.$ZodType };
  return def.innerType === undefined ? field : unwrap(def.innerType);
}
