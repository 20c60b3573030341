import { nearest } from '../contract/did-you-mean.ts';
import { usageError } from './cli-error.ts';
import type { Io } from './io.ts';

const PREFIX = 'RTSERVER_';
/** Read by commands, and no settings. */
const OTHER_NAMES: readonly string[] = [
  'RTSERVER_URL',
  'RTSERVER_TOKEN',
  'RTSERVER_CONFIG',
  'RTSERVER_WATCH',
  'RTSERVER_TUI',
];
/** Short for `RTSERVER_AUTH_SECRET`, and the name that the documentation uses. */
export const SECRET_NAME = 'RTSERVER_SECRET';
/** What Kubernetes sets in every pod of a namespace with a service named `rtserver`. */
const SERVICE_LINK = /^RTSERVER_(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/;

const LIST_KEYS: ReadonlySet<string> = new Set(['trustProxy', 'cors.origins', 'auth.algorithms', 'engine.transports']);
const BOOLEAN_KEYS: ReadonlySet<string> = new Set(['insecureHttp', 'cors.requireOrigin', 'fastPath']);
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, 1: true, false: false, 0: false };
/** Text even where it looks like something else. */
const TEXT_KEYS = /^(?:host|path|auth\.(?!clockTolerance)|redis\.|state\.|tls\.|log\.)/;

/** One setting that the environment gives. */
export interface EnvironmentSetting {
  key: string;
  name: string;
  value: unknown;
}

export interface EnvironmentSettings {
  settings: readonly EnvironmentSetting[];
  /** RTSERVER_ variables that mean nothing to us. */
  unknown: readonly string[];
  /** A line for each that is probably a misspelt one of ours. */
  problems: readonly string[];
}

/** Is a switch on that is no setting? @throws CliError for a value that is neither yes nor no */
export function isSwitchedOn(env: Io['env'], name: 'RTSERVER_WATCH' | 'RTSERVER_TUI'): boolean {
  const text = (env[name] || 'false').toLowerCase();
  const value = Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
  if (value === undefined) throw usageError(`${name} must be true or false, got "${env[name]}"`);
  return value;
}

/** `limits.connectionsPerUser` is `RTSERVER_LIMITS_CONNECTIONS_PER_USER`. */
export function variableOf(key: string): string {
  return PREFIX + key.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase();
}

/** Names of RTSERVER_ variables that are set, to something, and may be settings beside the secret. */
export function namesOfSettings(env: Io['env']): string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith(PREFIX) && env[name] !== '' && name !== SECRET_NAME && !OTHER_NAMES.includes(name),
  );
}

/** What the environment says, and what is no setting in it. */
export function readEnvironment(env: Io['env'], keys: readonly string[]): EnvironmentSettings {
  const keyOf = new Map(keys.map((key) => [variableOf(key), key]));
  const settings: EnvironmentSetting[] = [];
  const unknown: string[] = [];
  const problems: string[] = [];
  // The short name of the secret last, so that it wins over the long one.
  for (const name of [...namesOfSettings(env), ...(env[SECRET_NAME] ? [SECRET_NAME] : [])]) {
    const key = name === SECRET_NAME ? 'auth.secret' : keyOf.get(name);
    const meant = key === undefined ? findMeant(name, [...keyOf.keys(), ...OTHER_NAMES, SECRET_NAME]) : undefined;
    if (key !== undefined) settings.push({ key, name, value: readValue(key, env[name] ?? '') });
    else if (meant === undefined) unknown.push(name);
    else problems.push(`the environment variable ${name} is not a known one. Did you mean ${PREFIX}${meant}?`);
  }
  return { settings, unknown, problems };
}

function findMeant(name: string, known: readonly string[]): string | undefined {
  if (SERVICE_LINK.test(name)) return undefined;
  // Without the prefix: it is the same in all of them, and would make everything look near.
  return nearest(
    name.slice(PREFIX.length),
    known.map((each) => each.slice(PREFIX.length)),
  );
}

function readValue(key: string, text: string): unknown {
  if (LIST_KEYS.has(key)) {
    return text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  }
  if (TEXT_KEYS.test(key)) return text;
  if (BOOLEAN_KEYS.has(key) && Object.hasOwn(BOOLEANS, text.toLowerCase())) return BOOLEANS[text.toLowerCase()];
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
