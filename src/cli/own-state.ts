import { usageError } from './cli-error.ts';
import type { Configuration } from './configuration.ts';
import type { Context } from './context.ts';
import { RUNTIME_FOLDER, readServerFile } from './runtime-folder.ts';

/**
 * Two servers must not keep their sessions and revocations in one file: each would write what it knows over what the other
 * wrote, and a revoked token would be good again.
 *
 * @throws CliError where the server of this folder still runs and this one has no state file of its own
 */
export function requireOwnState({ io }: Context, { settings }: Configuration): void {
  if (settings.redis.url !== undefined) return;
  const other = readServerFile(io.cwd);
  if (other === undefined || other.pid === process.pid || settings.state.file !== undefined) return;
  // The same port: the error about that says more.
  if (settings.port !== 0 && Number(new URL(other.url).port) === settings.port) return;
  throw usageError(
    `another rtserver (process ${other.pid}, ${other.url}) runs in this folder, and both would write ${RUNTIME_FOLDER}/state.json`,
    [
      'Next: start this one in another folder, or give it a file of its own:',
      'RTSERVER_STATE_FILE=other-state.json rtserver start …',
    ],
  );
}
