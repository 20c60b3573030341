import { isLoopback } from '../contract/loopback.ts';
import { formatDuration } from '../contract/units.ts';
import type { SettingReference } from '../settings-reference.ts';
import type { Configuration } from './configuration.ts';
import type { Context } from './context.ts';
import { EMBEDDING_KEYS } from './embedding.ts';
import { RUNTIME_FOLDER } from './runtime-folder.ts';
import { isKeyElsewhere } from './token-settings.ts';

/** One setting as a server would run with it. */
export interface EffectiveSetting {
  key: string;
  /** Durations in milliseconds, sizes in bytes; `null` for none, `HIDDEN` for a secret. */
  value: unknown;
  /** The same, for people. */
  shown: string;
  from: 'default' | 'file' | 'environment' | 'flag';
  /** Which flag, variable or file. */
  source?: string;
}

const HIDDEN = '(hidden)';
const SECRETS: readonly string[] = ['auth.secret', 'auth.previousSecret'];
const VALUE_WIDTH_MAX = 60;

/** Every setting in the order of the reference, then what only the file of a program can say. */
export async function listEffectiveSettings(
  context: Context,
  configuration: Configuration,
): Promise<EffectiveSetting[]> {
  const { listSettingReferences } = await import('../settings-reference.ts');
  const settings = listSettingReferences().map((reference) => toEffective(reference, context, configuration));
  const program = EMBEDDING_KEYS.flatMap((key): EffectiveSetting[] => {
    const value = nameEmbedding(configuration.embedding, key);
    if (value === undefined) return [];
    return [{ key, value, shown: show(value), from: 'file', ...sourceField(configuration.file) }];
  });
  return [...settings, ...program];
}

function toEffective(
  reference: SettingReference,
  context: Context,
  { settings, sourceOf, unread }: Configuration,
): EffectiveSetting {
  const { key, kind } = reference;
  const source = sourceOf(key);
  const from = kindOf(source);
  const raw = key.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], settings);
  if (raw === undefined || (key === 'log.format' && source === undefined)) {
    const shown = describeUnset(key, context, settings) ?? 'none';
    return { key, value: null, shown, from };
  }
  if (unread.has(key)) return { key, value: null, shown: 'cannot be read', from, ...sourceField(source) };
  const value = SECRETS.includes(key) ? HIDDEN : withoutPassword(raw);
  const shown =
    kind === 'duration' ? formatDuration(value as number) : kind === 'size' ? `${value} bytes` : show(value);
  return { key, value, shown, from, ...sourceField(source) };
}

/** What `start` does where nothing is said. */
function describeUnset(key: string, { io }: Context, { host, auth }: Configuration['settings']): string | undefined {
  if (key === 'cors.origins' && isLoopback(host)) return 'any loopback origin';
  if (key === 'auth.secret' && isLoopback(host) && !isKeyElsewhere(auth)) return 'made by start';
  if (key === 'state.file') return `${RUNTIME_FOLDER}/state.json`;
  if (key === 'log.format') return io.stdout.isTTY ? 'pretty' : 'json';
  return undefined;
}

/** Sources are said in words for messages: the name of a flag, of a variable, or of what a file says. */
function kindOf(source: string | undefined): EffectiveSetting['from'] {
  if (source === undefined) return 'default';
  if (source.startsWith('--')) return 'flag';
  return /^RTSERVER_[A-Z_]+(?: |$)/.test(source) ? 'environment' : 'file';
}

function nameEmbedding(embedding: Configuration['embedding'], key: (typeof EMBEDDING_KEYS)[number]): unknown {
  if (embedding[key] === undefined) return undefined;
  if (key === 'events') return Object.keys(embedding.events ?? {});
  if (key === 'modules') return embedding.modules?.map(({ name }) => name);
  return 'a function';
}

/** Of an address such as `redis://user:password@host`. */
function withoutPassword(value: unknown): unknown {
  if (typeof value !== 'string' || !URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password === '') return value;
  url.password = 'hidden';
  return url.href;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : shorten(value.join(', '));
  return shorten(String(value));
}

/** A key in PEM form has many lines. */
function shorten(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  if (rest.length === 0 && first.length <= VALUE_WIDTH_MAX) return first;
  return `${first.slice(0, VALUE_WIDTH_MAX - 1)}…`;
}

const sourceField = (source: string | undefined) => (source === undefined ? {} : { source });
