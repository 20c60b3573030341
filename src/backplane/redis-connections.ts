import type { Redis } from 'ioredis';
import { RtError } from '../contract/errors.ts';
import type { Peers } from './peers.ts';

/** Two connections: Redis takes no commands on one that listens. */
export interface RedisConnections {
  /** Each command fails within `COMMAND_TIMEOUT_MS`, and at once while Redis is away: nothing is queued for later. */
  readonly commands: Redis;
  readonly listening: Redis;
  /** Why Redis cannot be used; `undefined` while it can. */
  trouble(): string | undefined;
  /** Called when a connection has been lost. */
  onAway(listener: () => void): void;
  /** Called when both connections are there again. */
  onBack(listener: () => void): void;
  /** Gives up connections on which nothing moves any more, and makes new ones. */
  reconnect(): void;
  close(): void;
}

const COMMAND_TIMEOUT_MS = 1_500;
const CONNECT_TIMEOUT_MS = 3_000;
const RETRY_MAX_MS = 1_000;
/** Redis and its nodes are often started together: the first connection may take a while. */
const FIRST_CONNECTION_MS = 10_000;

/** @throws RtError `CONFIG_INVALID` when Redis does not answer in `FIRST_CONNECTION_MS` */
export async function openConnections(Client: Peers['Redis'], url: string): Promise<RedisConnections> {
  const awayListeners: (() => void)[] = [];
  const backListeners: (() => void)[] = [];
  let lastError: Error | undefined;
  let isClosed = false;

  const shared = {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: 10_000,
    // Null: never give up, and never end the process over a command.
    maxRetriesPerRequest: null,
    // What was under way when the connection broke must not be sent a second time.
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), RETRY_MAX_MS),
    // A server that has become a read-only replica: look whether the name leads to another one by now.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
  const commands = new Client(url, { ...shared, enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT_MS });
  const listening = new Client(url, shared);
  const both = [commands, listening];

  for (const client of both) {
    client.on('error', (error: Error) => {
      lastError = error;
    });
    client.on('close', () => {
      if (isClosed) return;
      for (const listener of awayListeners) listener();
    });
    client.on('ready', () => {
      if (isClosed || both.some(({ status }) => status !== 'ready')) return;
      lastError = undefined;
      for (const listener of backListeners) listener();
    });
  }

  const connections: RedisConnections = {
    commands,
    listening,
    trouble() {
      if (both.every(({ status }) => status === 'ready')) return undefined;
      return lastError === undefined ? 'Redis is away' : `Redis is away: ${reasonOf(lastError)}`;
    },
    onAway: (listener) => void awayListeners.push(listener),
    onBack: (listener) => void backListeners.push(listener),
    reconnect() {
      for (const client of both) client.disconnect(true);
    },
    close() {
      isClosed = true;
      for (const client of both) client.disconnect();
    },
  };

  const isReady = Promise.all(both.map((client) => new Promise((resolve) => client.once('ready', resolve))));
  for (const client of both) client.connect().catch(() => {});
  if (!(await settlesWithin(FIRST_CONNECTION_MS, isReady))) {
    connections.close();
    const why = lastError === undefined ? 'no answer' : reasonOf(lastError);
    const reason = `redis.url: no connection to Redis at ${withoutPassword(url)} (${why})`;
    throw new RtError('CONFIG_INVALID', { key: 'redis.url', reason }, { cause: lastError });
  }
  return connections;
}

const reasonOf = (error: Error) => (error as NodeJS.ErrnoException).code ?? error.message;

function withoutPassword(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

async function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
