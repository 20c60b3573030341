import type { Server as HttpServer, RequestListener } from 'node:http';
import type { Logger } from 'pino';
import type { EventSchemas } from './contract/events.ts';
import { isLoopback } from './contract/loopback.ts';
import type { RealtimeModule } from './core/modules.ts';
import type { AuthenticateUser } from './custom-check.ts';
import { configInvalid, findShortSecrets, resolveSettings, type SettingIssue } from './settings.ts';
import type { ResolvedSettings, Settings } from './settings-schema.ts';

/** What can only be said in code. */
export interface EmbeddingOptions<Schemas extends EventSchemas = EventSchemas> {
  /** The application's events, from `defineEvents`: names and payloads are then checked on every emission. */
  events?: Schemas;
  /** Handlers and rooms of the application's own modules. */
  modules?: readonly RealtimeModule[];
  /**
   * Replaces the built-in check of credentials. Resolves to who the client is, or throws (an `RtError` is passed on as it
   * is; anything else is `UNAUTHENTICATED`). Bounded by `limits.connectTimeout`.
   */
  authenticate?: AuthenticateUser;
  /** An HTTP server to attach to instead of an own one. Whoever made it listens with it, `host` and `port` are theirs, and closes it. */
  server?: HttpServer;
  /** A request listener (an Express app) to serve beside the routes of the HTTP API, which come first. */
  app?: RequestListener;
  /** A pino logger to use instead of an own one. */
  logger?: Logger;
}

export type RealtimeServerOptions<Schemas extends EventSchemas = EventSchemas> = Settings & EmbeddingOptions<Schemas>;

export interface ResolvedOptions<Schemas extends EventSchemas = EventSchemas> {
  settings: ResolvedSettings;
  embedding: EmbeddingOptions<Schemas>;
}

export const EMBEDDING_KEYS = ['events', 'modules', 'authenticate', 'server', 'app', 'logger'] as const;

/**
 * Checks options and fills in the defaults. The input is left as it is.
 *
 * @throws RtError `CONFIG_INVALID` with `detail.issues`, a list of `SettingIssue`
 */
export function resolveOptions<Schemas extends EventSchemas>(
  input: RealtimeServerOptions<Schemas>,
): ResolvedOptions<Schemas> {
  const settings: Record<string, unknown> = { ...input };
  for (const key of EMBEDDING_KEYS) delete settings[key];
  const embedding: EmbeddingOptions<Schemas> = {};
  for (const key of EMBEDDING_KEYS) if (input[key] !== undefined) Object.assign(embedding, { [key]: input[key] });
  const resolved = resolveSettings(settings, EMBEDDING_KEYS);
  const issues: SettingIssue[] = [];
  const { secret, publicKey, jwksUri } = resolved.auth;
  if ((secret ?? publicKey ?? jwksUri ?? embedding.authenticate) === undefined) {
    const message = 'is missing: set a secret of at least 32 bytes, or auth.publicKey, or auth.jwksUri';
    issues.push({ key: 'auth.secret', message });
  }
  if (resolved.workers !== 1) {
    issues.push({ key: 'workers', message: 'is for rtserver start: a server in your own process has none' });
  }
  if (embedding.server !== undefined) {
    issues.push(...findWhatIsTheirs(input));
    if (!isLoopback(boundHost(embedding.server) ?? ''))
      issues.push(...findShortSecrets(resolved.auth, 'unless your server listens on a loopback address already'));
  }
  if (issues.length > 0) throw configInvalid(issues);
  return { settings: resolved, embedding };
}

/** Where an HTTP server listens, `undefined` while it does not, or on no address. */
export function boundHost(server: HttpServer): string | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.address : undefined;
}

/** Of an HTTP server that is not ours: whoever made it listens with it. */
function findWhatIsTheirs({ host, port, tls }: Settings): SettingIssue[] {
  const issues: SettingIssue[] = [];
  const theirs = 'has no effect on a server of your own:';
  if (host !== undefined) issues.push({ key: 'host', message: `${theirs} it listens where you let it` });
  if (port !== undefined) issues.push({ key: 'port', message: `${theirs} it listens where you let it` });
  if (tls?.cert !== undefined) {
    issues.push({ key: 'tls.cert', message: `${theirs} give the certificate to that server` });
  }
  return issues;
}
