import type { EmbeddingOptions } from '../options.ts';
import { abandonOutputAfter } from './abandon-output.ts';
import { usageError } from './cli-error.ts';
import { readConfigFile } from './config-file.ts';
import { type CrashWatch, watchCrashes } from './crash.ts';
import { takeEmbedding } from './embedding.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { WorkerTask } from './serve-workers.ts';
import { aborted, leaveSignalsToParent } from './signals.ts';

/** The program of a worker: a server whose port, and whose end, are the affair of the process that started it. */

const OUTPUT_GRACE_MS = 1_000;

async function work(): Promise<ExitCode> {
  const [{ joinPrimary }, { createLoggerInto, createLogSink }, { createWorkerServer }] = await Promise.all([
    import('../workers/place.ts'),
    import('../logger.ts'),
    import('../create-server.ts'),
  ]);
  const primary = await joinPrimary(process);
  let crash: CrashWatch | undefined;
  try {
    const { number, task } = primary.assignment;
    const { settings, configFile } = task as WorkerTask;
    const logger = createLoggerInto(await createLogSink('json'), settings.log.level, { worker: number });
    crash = watchCrashes(logger);
    const embedding = configFile === undefined ? {} : await readEmbedding(configFile);
    const server = await createWorkerServer({ ...settings, ...embedding, logger }, primary.place);
    primary.ready();
    await aborted(primary.stop, crash.signal);
    if (crash.signal.aborted) primary.leaving();
    await server.close();
    return crash.signal.aborted ? EXIT.failed : EXIT.done;
  } catch (error) {
    await primary.failed(error);
    return EXIT.failed;
  } finally {
    crash?.close();
  }
}

async function readEmbedding(file: string): Promise<EmbeddingOptions> {
  const problems: string[] = [];
  const embedding = takeEmbedding(await readConfigFile(file, new Set()), file, problems);
  if (problems.length > 0) throw usageError(problems.join('\n'));
  return embedding;
}

const parent = leaveSignalsToParent();
process.exitCode = await work();
parent.leave();
abandonOutputAfter(OUTPUT_GRACE_MS);
