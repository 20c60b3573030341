import { isDeepStrictEqual } from 'node:util';
import type { EventSchemas } from './contract/events.ts';
import type { Log } from './contract/log-names.ts';
import type { Core } from './core/core.ts';
import {
  EMBEDDING_KEYS,
  type EmbeddingOptions,
  type RealtimeServerOptions,
  type ResolvedOptions,
  resolveOptions,
} from './options.ts';
import { SETTING_KEYS } from './settings.ts';
import type { ResolvedSettings } from './settings-schema.ts';

/** What `server.reload()` did. */
export interface ReloadReport {
  /** Settings that have another value from now on; `null` for none. */
  changed: { key: string; from: unknown; to: unknown }[];
  /** What is code (`events`, `modules`, `authenticate`) and was taken up anew. */
  renewed: string[];
  /** What differs from what the server runs with, and only a restart can change. */
  needsRestart: string[];
}

/** Read at each use, wherever they are used. */
export const LIVE_KEYS: ReadonlySet<string> = new Set([
  ...['cors.origins', 'cors.requireOrigin', 'log.level'],
  ...['limits.connectionsPerUser', 'limits.onExceeded', 'limits.connections', 'limits.roomsPerSocket'],
  ...['limits.eventsPerSecond', 'limits.bufferedBytes', 'limits.connectsPerSecond', 'limits.whenStoreDown'],
]);

export interface ReloadContext {
  /** What the server runs with: changed in place. */
  running: ResolvedOptions;
  core: Pick<Core, 'prepare'>;
  /** Takes up those of the keys that are not read at each use. */
  apply(changed: readonly string[]): void;
  log: Log;
}

/** Makes `server.reload`: all of what can change while the server runs, or, where anything is wrong, nothing. */
export function createReload<Schemas extends EventSchemas>({ running, core, apply, log }: ReloadContext) {
  const { settings, embedding } = running;
  const keptOf = (key: keyof EmbeddingOptions) => (KEPT.includes(key) ? embedding[key] : undefined);

  return (options: RealtimeServerOptions<Schemas>): ReloadReport => {
    const next = resolveOptions(options) as ResolvedOptions;
    const { events, modules = [] } = next.embedding;
    const putToWork = core.prepare({ events, modules });
    // Nothing fails from here on.
    const different = SETTING_KEYS.filter((key) => !isDeepStrictEqual(getAt(settings, key), getAt(next.settings, key)));
    const changed = different
      .filter((key) => LIVE_KEYS.has(key))
      .map((key) => ({ key, from: getAt(settings, key) ?? null, to: getAt(next.settings, key) ?? null }));
    const others = EMBEDDING_KEYS.filter((key) => embedding[key] !== (next.embedding[key] ?? keptOf(key)));
    // A check that is new, or gone, changes what keys are needed.
    const hadCheck = embedding.authenticate !== undefined;
    const canRenew = (key: keyof EmbeddingOptions) =>
      key === 'authenticate' ? hadCheck && next.embedding.authenticate !== undefined : RENEWABLE.includes(key);
    const report: ReloadReport = {
      changed,
      renewed: others.filter(canRenew),
      needsRestart: [...different.filter((key) => !LIVE_KEYS.has(key)), ...others.filter((key) => !canRenew(key))],
    };
    const isSilent = next.settings.log.level !== settings.log.level && !log.isInfo();
    if (!isSilent) log.info('config.reloaded', { ...report });
    for (const { key } of changed) setAt(settings, key, getAt(next.settings, key));
    for (const key of report.renewed)
      Object.assign(embedding, { [key]: next.embedding[key as keyof EmbeddingOptions] });
    putToWork();
    apply(changed.map(({ key }) => key));
    if (isSilent) log.info('config.reloaded', { ...report });
    return report;
  };
}

/** What an application brings once, and need not bring again. */
const KEPT: readonly (keyof EmbeddingOptions)[] = ['server', 'app', 'logger'];
const RENEWABLE: readonly (keyof EmbeddingOptions)[] = ['events', 'modules'];

type Tree = Record<string, unknown>;

function getAt(settings: ResolvedSettings, key: string): unknown {
  return key.split('.').reduce<unknown>((at, step) => (at as Tree | undefined)?.[step], settings);
}

/** Every section is there: the gate fills them in. */
function setAt(settings: ResolvedSettings, key: string, value: unknown): void {
  const steps = key.split('.');
  const section = steps.slice(0, -1).reduce<Tree>((at, step) => at[step] as Tree, settings as unknown as Tree);
  section[steps.at(-1) ?? ''] = value;
}
