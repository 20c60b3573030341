import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Redis as Client } from 'ioredis';
import { onTestFinished } from 'vitest';
import { requireTool } from './external-tool.ts';
import { freePort } from './free-port.ts';
import { tempFolder } from './temp-folder.ts';
import { until } from './until.ts';

/** A real Redis of its own: nothing on disk that matters, gone with the test. */
export interface Redis {
  url: string;
  port: number;
  /** Kills it, as a crash would. */
  stop(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
  /** Its process stands still, connections and all, until `resume`. */
  pause(): void;
  resume(): void;
  /** One command and its answer. */
  run(command: string, ...args: string[]): Promise<unknown>;
}

export interface RedisOptions {
  /** Further options of `redis-server`, by name without the dashes. */
  options?: Record<string, string>;
  /** Only over TLS; the path of the certificate to trust. */
  tls?: { ca: string };
}

/** Use inside `describe.skipIf(isToolMissing('redis-server'))`. */
export async function startRedis({ options: more = {}, tls }: RedisOptions = {}): Promise<Redis> {
  const program = requireTool('redis-server');
  const folder = tempFolder();
  const port = await freePort();
  let child: ChildProcess | undefined;

  const start = async () => {
    const options = {
      ...(tls === undefined ? { port: String(port) } : { port: '0', 'tls-port': String(port) }),
      ...{ bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder },
      ...more,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const started = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let output = '';
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk) => (output += chunk));
    await until(
      () => {
        if (started.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
        return withClient(async (client) => (await client.ping()) === 'PONG');
      },
      { what: `redis-server on port ${port}` },
    );
  };
  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };

  const url = `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`;

  async function withClient<Result>(use: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new Client(url, {
      retryStrategy: () => null,
      lazyConnect: true,
      ...(tls && { tls: { ca: readFileSync(tls.ca) } }),
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return await use(client);
    } finally {
      client.disconnect();
    }
  }

  onTestFinished(stop);
  await start();
  return {
    ...{ url, port, stop, restart: start },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    run: (command, ...args) => withClient((client) => client.call(command, ...args)),
  };
}
