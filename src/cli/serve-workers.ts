import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { RtError } from '../contract/errors.ts';
import { formatUrl } from '../contract/server-url.ts';
import type { LogSink } from '../logger.ts';
import type { EmbeddingOptions } from '../options.ts';
import type { ResolvedSettings } from '../settings-schema.ts';
import { addressInUse } from './address-in-use.ts';
import { usageError } from './cli-error.ts';
import type { Configuration } from './configuration.ts';
import type { Context } from './context.ts';
import { runtimePath } from './runtime-folder.ts';
import type { RunningServer } from './serve.ts';
import type { Interrupt } from './signals.ts';

/** What a worker is to do. */
export interface WorkerTask {
  settings: ResolvedSettings;
  /** For what only a program can say. */
  configFile: string | undefined;
}

/** The server itself has run into one. */
const PROGRAM = fileURLToPath(new URL('./worker.js', import.meta.url));

/** How many processes serve: 1 for the one that was started alone. */
export function countWorkers({ settings }: Configuration): number {
  return settings.workers === 'auto' ? availableParallelism() : settings.workers;
}

/** @throws CliError where there are several: what the flag does, it does in the process of the server */
export function requireOneProcess(configuration: Configuration, flag: string, next: string): void {
  if (countWorkers(configuration) === 1) return;
  throw usageError(`${flag} is for the server of its own process, and --workers makes several`, [next]);
}

/** More than that have nothing to do, and a slip of the finger would start a thousand processes. */
const mostWorkers = () => Math.max(64, 4 * availableParallelism());

/** @throws CliError */
function requireFewEnough({ sourceOf }: Configuration, count: number): void {
  const most = mostWorkers();
  if (count <= most) return;
  throw usageError(`${sourceOf('workers')}: workers must be at most ${most} on this machine, got ${count}`, [
    `Next: rtserver start --workers auto, which is one for each core (${availableParallelism()}).`,
  ]);
}

/** What the workers share between them must suffice for one each. */
async function requireShares({ limits }: ResolvedSettings, count: number): Promise<void> {
  const issues = (['connections', 'connectsPerSecond'] as const).flatMap((name) => {
    const value = limits[name];
    if (value === undefined || value >= count) return [];
    const message = `must be at least ${count}, one for each of the workers, or workers at most ${value}`;
    return [{ key: `limits.${name}`, value, message }];
  });
  if (issues.length === 0) return;
  const { configInvalid } = await import('../settings.ts');
  throw configInvalid(issues);
}

/**
 * Starts the server of a configuration as several processes behind one port. Sessions and revocations are this process's to
 * keep, unless they are in Redis.
 *
 * @throws CliError for more workers than make sense
 * @throws RtError `CONFIG_INVALID` for a limit of the whole server that is smaller than the number of workers
 */
export async function serveWorkers(
  context: Context,
  configuration: Configuration,
  secret: string | undefined,
  { logger, sink, interrupt }: { logger: Logger; sink: LogSink; interrupt: Interrupt },
): Promise<RunningServer> {
  const { settings, file, embedding } = configuration;
  const [{ startWorkers }, { openOwnStore }, { toTables }, { toLog }, { toListenError }] = await Promise.all([
    import('../workers/primary.ts'),
    import('../auth/state.ts'),
    import('../auth/shared-state.ts'),
    import('../logger.ts'),
    import('../http/listen-error.ts'),
  ]);
  const count = countWorkers(configuration);
  requireFewEnough(configuration, count);
  await requireShares(settings, count);
  const log = toLog(logger);
  const stateFile = settings.state.file ?? runtimePath(context.io.cwd, 'state.json');
  const store = await openOwnStore(settings.redis.url === undefined ? stateFile : undefined);
  const taskFor = (port: number): WorkerTask => ({
    settings: { ...settings, auth: { ...settings.auth, secret }, port, workers: 1 },
    configFile: isEmpty(embedding) ? undefined : file,
  });
  const workers = await startWorkers({
    ...{ count, program: PROGRAM, taskFor, log },
    onLine: (line) => sink.write(`${line}\n`),
    ...{ host: settings.host, port: settings.port, slots: settings.limits, tables: toTables(store) },
    stopWithinMs: settings.shutdown.timeout,
  }).catch(async (error: unknown) => {
    // Of the system; what is wrong with a worker has a code of ours, or none.
    const { syscall } = error as NodeJS.ErrnoException;
    if (error instanceof RtError || (syscall !== 'listen' && syscall !== 'getaddrinfo')) throw error;
    const known = toListenError(error as NodeJS.ErrnoException, settings.host, settings.port);
    throw known.code === 'ADDRESS_IN_USE' ? await addressInUse(context, settings, known) : known;
  });
  // Whoever does not wait for a tidy end does not wait for theirs.
  interrupt.onSecond(workers.kill);
  const url = formatUrl(settings.tls.cert === undefined ? 'http' : 'https', settings.host, workers.port);
  log.info('server.listening', { url, workers: count });
  return {
    url,
    settings,
    async close() {
      await workers.close();
      log.info('server.stopped', {});
    },
  };
}

const isEmpty = (embedding: EmbeddingOptions) => Object.keys(embedding).length === 0;
