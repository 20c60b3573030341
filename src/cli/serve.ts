import type { Logger } from 'pino';
import { RtError } from '../contract/errors.ts';
import type { ServerFile } from '../contract/resources.ts';
import { toReachable } from '../contract/server-url.ts';
import { VERSION } from '../contract/version.ts';
import type { LogSink } from '../logger.ts';
import type { RealtimeServerOptions } from '../options.ts';
import type { RealtimeServer } from '../realtime-server.ts';
import { addressInUse } from './address-in-use.ts';
import type { Configuration } from './configuration.ts';
import type { Context } from './context.ts';
import { makeRuntimeFolder, RUNTIME_FOLDER, readServerFile, runtimePath, writePrivateFile } from './runtime-folder.ts';

/** What the command line needs of a server that it has started. */
export type RunningServer = Pick<RealtimeServer, 'url' | 'settings' | 'close'> &
  Partial<Pick<RealtimeServer, 'reload'>>;

/** Starts the server of a configuration, with what `start` decides by itself: the secret, the log's looks, the state file. */
export async function serve(
  context: Context,
  configuration: Configuration,
  secret: string | undefined,
  logger: Logger,
): Promise<RealtimeServer> {
  const { createRealtimeServer } = await import('../index.ts');
  try {
    return await createRealtimeServer(toServerOptions(context, configuration, secret, logger));
  } catch (error) {
    if (!(error instanceof RtError && error.code === 'ADDRESS_IN_USE')) throw error;
    throw await addressInUse(context, configuration.settings, error);
  }
}

/** A configuration as the library takes it. */
export function toServerOptions(
  { io }: Context,
  { settings, embedding }: Configuration,
  secret: string | undefined,
  logger: Logger,
): RealtimeServerOptions {
  return {
    ...settings,
    ...embedding,
    auth: { ...settings.auth, secret },
    state: { file: settings.state.file ?? runtimePath(io.cwd, 'state.json') },
    logger,
  };
}

/** Writes the log to stdout: for people on a terminal, for programs elsewhere. */
export async function createServerLogger(
  { io }: Context,
  { settings, sourceOf }: Configuration,
): Promise<{ logger: Logger; sink: LogSink | undefined }> {
  const { createLoggerInto, createLogSink } = await import('../logger.ts');
  const isForPeople = io.stdout.isTTY && sourceOf('log.format') === undefined;
  const sink = await createLogSink(isForPeople ? 'pretty' : settings.log.format);
  return { logger: createLoggerInto(sink, settings.log.level), sink };
}

/** Lets the other commands in this folder find the server. A folder that cannot be written to does not keep it from running. */
export function leaveServerFile(
  { io, output }: Context,
  { url, settings }: RunningServer,
  config: string | undefined,
): ServerFile | undefined {
  const file: ServerFile = {
    pid: process.pid,
    url: toReachable(url),
    path: settings.path,
    startedAt: Date.now(),
    version: VERSION,
    ...(config !== undefined && { config }),
  };
  const other = readServerFile(io.cwd);
  if (other !== undefined && other.pid !== process.pid) {
    output.note(
      `note: the commands in this folder find process ${other.pid} at ${other.url}; this one needs --url ${file.url}`,
    );
    return undefined;
  }
  try {
    makeRuntimeFolder(io.cwd);
    writePrivateFile(runtimePath(io.cwd, 'server.json'), `${JSON.stringify(file, null, 2)}\n`);
    return file;
  } catch (error) {
    output.problem(
      `warning: ${RUNTIME_FOLDER}/server.json cannot be written (${(error as Error).message}): commands need --url ${file.url}`,
    );
    return undefined;
  }
}
