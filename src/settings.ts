import { inspect } from 'node:util';
import { z } from 'zod';
import { didYouMean } from './contract/did-you-mean.ts';
import { RtError } from './contract/errors.ts';
import { isLoopback } from './contract/loopback.ts';
import { shorten } from './contract/printable.ts';
import { isDuration } from './settings-kinds.ts';
import { type ResolvedSettings, settingsSchema } from './settings-schema.ts';

/** One thing that is wrong with a configuration, for a message of one line. */
export interface SettingIssue {
  /** Dotted, as it is written: `limits.connectionsPerUser`. */
  key: string;
  /** What was given; `undefined` where a key is missing, or must not be shown. */
  value?: unknown;
  /** What would be right. */
  message: string;
  /** A sentence that helps. */
  hint?: string | undefined;
  /** Other keys that it takes to be wrong. */
  with?: readonly string[];
}

/** As long as the hash of HS256 (RFC 7518, section 3.2). */
const SECRET_BYTES_MIN = 32;

const SECRET_KEYS: readonly string[] = ['auth.secret', 'auth.previousSecret', 'redis.url'];

/**
 * Checks settings and fills in the defaults. The input is left as it is.
 *
 * @param otherKeys what the caller takes beside the settings, to be suggested for a misspelt key
 * @throws RtError `CONFIG_INVALID` with `detail.issues`, a list of `SettingIssue`
 */
export function resolveSettings(input: unknown, otherKeys: readonly string[] = []): ResolvedSettings {
  const { settings, issues } = checkSettings(input, otherKeys);
  if (settings === undefined || issues.length > 0) throw configInvalid(issues);
  return settings;
}

/** The same for whoever goes on: the settings have the defaults where something is wrong, and are not to be used then. */
export function checkSettings(
  input: unknown,
  otherKeys: readonly string[],
): { settings: ResolvedSettings | undefined; issues: SettingIssue[] } {
  const result = settingsSchema.safeParse(input);
  if (result.success) return { settings: result.data, issues: findConflicts(result.data) };
  const { issues } = result.error;
  const found = issues.flatMap((issue) => toSettingIssues(issue, input, otherKeys));
  // Of one value the first mistake: a number is no text, and then it is not too short.
  const wrong = found.filter(({ key }, index) => found.findIndex((other) => other.key === key) === index);
  // What is wrong together is told with what is wrong by itself.
  const { data: settings } = settingsSchema.safeParse(issues.reduce<unknown>(leaveOut, input));
  const isSound = ({ key, with: others = [] }: SettingIssue) =>
    [key, ...others].every((each) => !wrong.some(({ key: bad }) => each === bad || each.startsWith(`${bad}.`)));
  const conflicts = settings === undefined ? [] : findConflicts(settings).filter(isSound);
  return { settings, issues: [...wrong, ...conflicts] };
}

function leaveOut(tree: unknown, { path, ...issue }: z.core.$ZodIssue): unknown {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
  return keys.reduce<unknown>(without, tree);
}

/** A copy without what is there. Of a list nothing is left: what it says is not what was meant. */
function without(tree: unknown, [step, ...rest]: readonly PropertyKey[]): unknown {
  if (step === undefined || typeof tree !== 'object' || tree === null || Array.isArray(tree)) return undefined;
  const { [step]: value, ...others } = tree as Record<PropertyKey, unknown>;
  const left = without(value, rest);
  return left === undefined ? others : { ...others, [step]: left };
}

/** What is right by itself and wrong together. */
function findConflicts({ host, auth, tls, shutdown }: ResolvedSettings): SettingIssue[] {
  const issues: SettingIssue[] = [];
  const sources = (['secret', 'publicKey', 'jwksUri'] as const).filter((name) => auth[name] !== undefined);
  if (sources.length > 1) {
    const [key = '', ...others] = sources.map((name) => `auth.${name}`);
    const message = `and ${others.join(' and ')} exclude each other: keep one of them`;
    issues.push({ key, message, with: others });
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
  }
  if (!isLoopback(host)) {
    const short = findShortSecrets(auth, 'when host is not a loopback address');
    issues.push(...short.map((issue) => ({ ...issue, with: ['host'] })));
  }
  if (shutdown.spread >= shutdown.timeout) {
    const message = `must be shorter than shutdown.timeout (${shutdown.timeout} ms): clients would be cut off unwarned`;
    issues.push({ key: 'shutdown.spread', value: shutdown.spread, message, with: ['shutdown.timeout'] });
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    const [key, given] = tls.cert === undefined ? ['tls.cert', 'tls.key'] : ['tls.key', 'tls.cert'];
    issues.push({ key, message: 'is missing: a certificate and its key go together', with: [given] });
  }
  return issues;
}

/** Secrets that whoever sees a token can guess at, on a server that more than this machine can reach. */
export function findShortSecrets(auth: ResolvedSettings['auth'], when: string): SettingIssue[] {
  return (['secret', 'previousSecret'] as const).flatMap((key) => {
    const { [key]: secret } = auth;
    if (secret === undefined || Buffer.byteLength(secret) >= SECRET_BYTES_MIN) return [];
    const message = `must have at least ${SECRET_BYTES_MIN} bytes ${when} (try: openssl rand -base64 32)`;
    return [{ key: `auth.${key}`, message }];
  });
}

export function configInvalid(issues: readonly SettingIssue[]): RtError {
  return new RtError('CONFIG_INVALID', { reason: issues.map(describeIssue).join('; '), issues });
}

/** `limits.connectionsPerUser must be a whole number from 1, got "many"`. */
export function describeIssue({ key, value, message, hint }: SettingIssue): string {
  const got = value === undefined ? '' : `, got ${show(value)}`;
  return `${key} ${message}${got}${hint ? `. ${hint}` : ''}`;
}

/** A configuration that is a program may hold anything, and a text may have any length. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  return shorten(inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }));
}

function toSettingIssues(issue: z.core.$ZodIssue, input: unknown, otherKeys: readonly string[]): SettingIssue[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = [...keysAt(path), ...(path.length === 0 ? otherKeys : [])];
    return issue.keys.map((key) => ({
      key: [...path, key].join('.'),
      message: 'is not a known key',
      hint: didYouMean(key, known).trim() || hintAtSection(key),
    }));
  }
  const key = path.join('.');
  const value = path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], input);
  // Also what stands where a section should: a secret is easily written one level too high.
  const isSecret = SECRET_KEYS.some((secret) => secret === key || secret.startsWith(`${key}.`));
  return [{ key, message: issue.message, hint: hintFor(issue, value), ...(!isSecret && { value }) }];
}

function hintFor(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  if (issue.code === 'invalid_value') return didYouMean(String(value), issue.values.map(String)).trim();
  return issue.code === 'custom' ? (issue.params?.['hint'] as string | undefined) : undefined;
}

/** Every key that can be set, dotted: for environment variables and for suggestions. */
export const SETTING_KEYS: readonly string[] = collectKeys(settingsSchema, '');

/** Those of them that are durations. */
export const DURATION_KEYS: readonly string[] = collectKeys(settingsSchema, '', isDuration);

/** A key that is written one level too high. */
function hintAtSection(key: string): string {
  const full = SETTING_KEYS.find((each) => each.endsWith(`.${key}`));
  return full === undefined ? '' : `Did you mean "${full}"?`;
}

function keysAt(path: readonly string[]): string[] {
  const prefix = path.length === 0 ? '' : `${path.join('.')}.`;
  const below = SETTING_KEYS.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return [...new Set(below.map((key) => key.split('.')[0] ?? key))];
}

function collectKeys(object: z.core.$ZodObject, prefix: string, isWanted = (_kind: z.core.$ZodType) => true): string[] {
  return Object.entries(object._zod.def.shape).flatMap(([key, field]) => {
    const inner = unwrap(field);
    if (inner instanceof z.core.$ZodObject) return collectKeys(inner, `${prefix}${key}.`, isWanted);
    return isWanted(inner) ? [prefix + key] : [];
  });
}

function unwrap(field: z.core.$ZodType): z.core.$ZodType {
  const def = field._zod.def as { innerType?: z.core.$ZodType };
  return def.innerType === undefined ? field : unwrap(def.innerType);
}
