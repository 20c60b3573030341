import type { Settings } from '../../src/settings-schema.ts';
import { parseLines } from '../cli/place.ts';
import { type BuiltServer, startBuiltServer } from '../hardening/built-server.ts';
import { type ConnectedSocket, type ConnectOptions, connectClient } from '../support/connect.ts';
import type { RunningCli } from '../support/run-cli.ts';

export interface LogLine {
  msg: string;
  worker?: number;
  pid?: number;
  [field: string]: unknown;
}

/** The built program with workers, configured by a file. */
export function startWorkers(settings: Settings = {}): Promise<BuiltServer> {
  return startBuiltServer({ workers: 2, shutdown: { spread: 0 }, ...settings });
}

export const logLines = ({ stdout }: RunningCli) => parseLines<LogLine>(stdout.slice(0, stdout.lastIndexOf('\n') + 1));

/** Process ids of the workers that have ever served. */
export const workerPids = (cli: RunningCli) =>
  logLines(cli).flatMap(({ msg, pid }) => (msg === 'worker.started' && pid !== undefined ? [pid] : []));

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** The process that a socket is connected to. */
export async function pidOf({ request }: BuiltServer, { ready }: ConnectedSocket): Promise<number> {
  const { items } = (await (await request(`/api/sockets?user=${ready.userId}`)).json()) as {
    items: { id: string; node: string }[];
  };
  return Number(
    items
      .find(({ id }) => id === ready.socketId)
      ?.node.split(':')
      .at(-1),
  );
}

/** Two sockets of different workers, of users `first` and those after. */
export async function connectToBoth(server: BuiltServer, options: ConnectOptions = {}) {
  const first = await connectClient(server.url, { token: server.token('first'), ...options });
  const firstPid = await pidOf(server, first);
  for (let attempt = 0; attempt < 10; attempt++) {
    const other = await connectClient(server.url, { token: server.token(`other-${attempt}`), ...options });
    if ((await pidOf(server, other)) !== firstPid) return [first, other] as const;
    other.disconnect();
  }
  throw new Error('ten connections in a row went to one worker');
}

/** Resolves when a client that began by polling has a WebSocket. */
export async function untilUpgraded({ io: { engine } }: ConnectedSocket): Promise<void> {
  if (engine.transport.name !== 'websocket') await new Promise((resolve) => engine.once('upgrade', resolve));
}
