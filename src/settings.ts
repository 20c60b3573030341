import { z } from 'zod';
import { didYouMean } from './contract/did-you-mean.ts';
import { RtError } from './contract/errors.ts';
import { isLoopback } from './contract/loopback.ts';
import { type ResolvedSettings, settingsSchema } from './settings-schema.ts';

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

const SECRET_KEYS: readonly string[] = ['auth.secret', 'auth.previousSecret', 'redis.url'];

/**
 * Checks settings and fills in the defaults. The input is left as it is.
 *
 * @throws RtError `CONFIG_INVALID` with `detail.issues`, a list of `SettingIssue`
 */
export function resolveSettings(input: unknown): ResolvedSettings {
  const result = settingsSchema.safeParse(input);
  if (!result.success) throw configInvalid(result.error.issues.flatMap((issue) => toSettingIssues(issue, input)));
  const refused = findConflicts(result.data);
  if (refused.length > 0) throw configInvalid(refused);
  return result.data;
}

/** What is right by itself and wrong together. */
function findConflicts({ host, auth, tls, shutdown }: ResolvedSettings): SettingIssue[] {
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
    // What is published must not be what tokens are signed with.
    if (/^\s*-----BEGIN /.test(auth[key] ?? '')) {
      issues.push({ key: `auth.${key}`, message: 'is a public key or certificate: set auth.publicKey instead' });
    }
    if (isLoopback(host) || auth[key] === undefined || Buffer.byteLength(auth[key]) >= SECRET_BYTES_MIN) continue;
    issues.push({
      key: `auth.${key}`,
      message: `must have at least ${SECRET_BYTES_MIN} bytes when host is not a loopback address (try: openssl rand -base64 32)`,
    });
  }
  if (shutdown.spread >= shutdown.timeout) {
    const message = `must be shorter than shutdown.timeout (${shutdown.timeout} ms): clients would be cut off unwarned`;
    issues.push({ key: 'shutdown.spread', value: shutdown.spread, message });
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    const missing = tls.cert === undefined ? 'cert' : 'key';
    issues.push({ key: `tls.${missing}`, message: 'is missing: a certificate and its key go together' });
  }
  return issues;
}

export function configInvalid(issues: readonly SettingIssue[]): RtError {
  return new RtError('CONFIG_INVALID', { reason: issues.map(describeIssue).join('; '), issues });
}

/** `limits.connectionsPerUser: must be a whole number, got "many"`. */
function describeIssue({ key, value, message }: SettingIssue): string {
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
  // Also what stands where a section should: a secret is easily written one level too high.
  const isSecret = key === 'auth' || SECRET_KEYS.includes(key);
  return [{ key, message: lowerFirst(issue.message), ...(!isSecret && { value }) }];
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Every key that can be set, dotted: for environment variables and for suggestions. */
export const SETTING_KEYS: readonly string[] = collectKeys(settingsSchema, '');

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
