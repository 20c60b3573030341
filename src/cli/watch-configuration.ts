import { existsSync, unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import type { RealtimeServer } from '../realtime-server.ts';
import { usageError } from './cli-error.ts';
import { withPlace } from './config-problems.ts';
import { type Configuration, type ConfigurationRequest, resolveConfiguration } from './configuration.ts';
import type { Context } from './context.ts';
import { requireProductionSafety } from './production-guard.ts';
import { requireSafeAuth } from './safe-auth.ts';
import { toServerOptions } from './serve.ts';

export interface ConfigurationWatch {
  /** Safe twice. */
  close(): void;
}

interface WatchOptions extends ConfigurationRequest {
  server: Pick<RealtimeServer, 'reload'>;
  logger: Logger;
  filesRead: Set<string>;
}

/** By time stamp, which sees what editors, containers and network disks do to a file. */
const LOOK_EVERY_MS = 300;
/** Several files are rarely written at once. */
const SETTLE_MS = 100;

/** @throws CliError where `--watch` would have nothing to watch */
export function requireConfigFile({ file }: Configuration): void {
  if (file !== undefined) return;
  throw usageError('--watch needs a configuration file, and there is none in this folder', [
    'Next: rtserver config init writes one; or name it with --config.',
  ]);
}

/**
 * Takes up the configuration anew whenever its file, or one that it imports, has changed. The server logs what changed and what
 * needs a restart; with a file that is wrong it goes on as it was.
 *
 * @param options.config the file: one that is gone for a moment must not bring the defaults into force
 */
export function watchConfiguration(
  context: Context,
  { server, logger, filesRead, ...request }: WatchOptions,
): ConfigurationWatch {
  const watched = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let last = Promise.resolve();
  let isClosed = false;

  function onChange(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(reload);
    }, SETTLE_MS);
  }

  function follow(paths: ReadonlySet<string>): void {
    for (const path of paths) {
      if (watched.has(path) || isClosed) continue;
      watched.add(path);
      watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, onChange);
    }
  }

  async function reload(): Promise<void> {
    const seen = new Set<string>();
    let configuration: Configuration | undefined;
    try {
      if (request.config !== undefined && !existsSync(request.config))
        throw usageError('the file is gone: the configuration stays as it was');
      configuration = await resolveConfiguration(context, { ...request, filesRead: seen });
      const secret = requireSafeAuth(context, configuration);
      if (context.io.env['NODE_ENV'] === 'production') requireProductionSafety(configuration.settings);
      if (!isClosed) server.reload(toServerOptions(context, configuration, secret?.value, logger));
    } catch (cause) {
      const error = configuration === undefined ? cause : await withPlace(cause, configuration);
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ file: request.config, reason }, 'config.reload_failed');
    }
    follow(seen);
  }

  follow(filesRead);
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const path of watched) unwatchFile(path, onChange);
    },
  };
}
