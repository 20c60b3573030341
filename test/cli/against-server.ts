import { type CliOptions, type CliResult, type RunningCli, runCli, startCli, tempFolder } from '../support/run-cli.ts';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

type Options = NonNullable<Parameters<typeof startServer>[0]>;

export interface ServerUnderCommands extends StartedServer<never> {
  /** A folder in which the environment names the server and its secret. */
  cwd: string;
  env: Record<string, string>;
  run(args: readonly string[], options?: CliOptions & { input?: string }): Promise<CliResult>;
  start(args: readonly string[], options?: CliOptions): RunningCli;
  /** `rtserver join …`, as soon as the server knows it in its rooms. */
  join(args: readonly string[], options?: CliOptions): Promise<RunningCli>;
  /** Resolves when so many sockets match, for example `?user=42`. */
  waitForSockets(count: number, query?: string): Promise<void>;
}

/** A server in this process, and commands as processes of their own that find it by their environment. */
export async function startServerForCommands(options: Options = {}): Promise<ServerUnderCommands> {
  const started = (await startServer(options)) as unknown as StartedServer<never>;
  const cwd = tempFolder();
  const env = { RTSERVER_URL: started.url, RTSERVER_SECRET: started.secret };
  const withEnv = ({ env: more, ...rest }: CliOptions & { input?: string } = {}) => ({
    cwd,
    ...rest,
    env: { ...env, ...more },
  });
  const start = (args: readonly string[], more?: CliOptions) => startCli(args, withEnv(more));
  return {
    ...started,
    cwd,
    env,
    run: (args, more) => runCli(args, withEnv(more)),
    start,
    async join(args, more) {
      const cli = start(['join', ...args], more);
      await cli.waitForLine(/^joined /, { stream: 'stderr' });
      return cli;
    },
    async waitForSockets(count, query = '') {
      const look = async () => {
        const { items } = (await (await started.request(`/api/sockets${query}`)).json()) as { items: unknown[] };
        return items.length === count;
      };
      await until(look, { what: `${count} sockets ${query}` });
    },
  };
}

/** The lines of NDJSON. */
export function parseLines<Line = unknown>(text: string): Line[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}
