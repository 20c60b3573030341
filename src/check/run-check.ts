import { SCENARIOS } from './index.ts';
import { followLogFile } from './log-reader.ts';
import { startOwnServer } from './own-server.ts';
import { type RunOptions, runScenarios } from './run-scenarios.ts';
import type { Report, Scenario } from './scenario.ts';
import { openTarget, type TargetOptions } from './target.ts';

export { renderJunit } from './junit.ts';
export { renderResult, renderScenario, renderSummary } from './render.ts';
export { SPECS } from './scenario.ts';
export { selectScenarios } from './select-scenarios.ts';
export { SCENARIOS };

export interface CheckOptions extends RunOptions {
  scenarios: readonly Scenario[];
  /** The server to check; an own one, started for the run, without it. */
  target?: Omit<TargetOptions, 'logs'> | undefined;
  /** Where the server of `target` logs, if it can be read here. */
  logFile?: string | undefined;
  /** The environment of an own server. */
  env: NodeJS.ProcessEnv;
  /** Ends the run early, and its own server with it. */
  signal: AbortSignal;
}

/**
 * Runs scenarios against a server.
 *
 * @throws RtError `SERVER_UNREACHABLE`, or the code with which the server refused our credentials
 */
export async function runCheck({ scenarios, target, logFile, env, signal, ...options }: CheckOptions): Promise<Report> {
  const log = logFile === undefined ? undefined : await followLogFile(logFile);
  const own = target === undefined ? await startOwnServer(env, options.isFull === true) : undefined;
  try {
    signal.throwIfAborted();
    const opened = await openTarget({ ...((own?.target ?? target) as TargetOptions), ...(log && { logs: log.logs }) });
    const report = await runScenarios(scenarios, opened, { ...options, signal });
    signal.throwIfAborted();
    return report;
  } finally {
    await own?.close();
    await log?.close();
  }
}
