import { formatUrl } from '../contract/server-url.ts';
import type { ResolvedSettings } from '../settings-schema.ts';
import { type CliError, usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import { readServerFile } from './runtime-folder.ts';

const PROBE_MS = 2_000;

/** The error for a port that somebody else has: who, if it is one of ours, and how to choose another. */
export async function addressInUse(
  { io }: Context,
  { host, port, redis, state }: ResolvedSettings,
  cause: unknown,
): Promise<CliError> {
  const file = readServerFile(io.cwd);
  const isOfThisFolder = file !== undefined && Number(new URL(file.url).port) === port;
  // Beside it, one that would write the same state file is refused.
  const needsFile = isOfThisFolder && redis.url === undefined && state.file === undefined;
  const next = isOfThisFolder
    ? [
        `Next: use that one, which the commands in this folder find (rtserver ls sockets), or stop it with kill ${file.pid}.`,
        `A second one beside it: ${needsFile ? 'RTSERVER_STATE_FILE=other-state.json ' : ''}rtserver start --port 0`,
      ]
    : ['Next: choose another port with --port, or any free one with --port 0.'];
  const holder = isOfThisFolder
    ? `the rtserver of this folder, process ${file.pid}`
    : (await isRtserver(host, port))
      ? 'another rtserver'
      : 'another program';
  return usageError(`port ${port} on ${host} is in use by ${holder}`, next, { cause });
}

async function isRtserver(host: string, port: number): Promise<boolean> {
  // An address that means all of them is no address to ask.
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  try {
    const response = await fetch(`${formatUrl('http', name, port)}/healthz`, { signal: AbortSignal.timeout(PROBE_MS) });
    return ((await response.json()) as { server?: unknown } | null)?.server === 'rtserver';
  } catch {
    return false;
  }
}
