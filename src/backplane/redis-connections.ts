import type { Duplex } from 'node:stream';
import type { Redis } from 'ioredis';
import type { Peers } from './peers.ts';
import { isFinal, toStartError } from './redis-trouble.ts';

/** Two connections: Redis takes no commands on one that listens. */
export interface RedisConnections {
  /** Each command fails within `COMMAND_TIMEOUT_MS`, and at once while Redis is away: nothing is queued for later. */
  readonly commands: Redis;
  readonly listening: Redis;
  /** Why Redis cannot be used; `undefined` while it can. */
  trouble(): string | undefined;
  /** Called when a connection has been lost. */
  onAway(listener: () => void): void;
  /** Called when both connections are there again, and what was subscribed to is so again. */
  onBack(listener: () => void): void;
  close(): void;
}

const COMMAND_TIMEOUT_MS = 1_500;
const CONNECT_TIMEOUT_MS = 3_000;
/** So long without an answer to anything: the connection is one only by name, and is made anew. */
const SILENCE_MAX_MS = 3_000;
/** One that only listens has nothing to wait for unless it asks. */
const ASK_EVERY_MS = 2_000;
const RETRY_MAX_MS = 1_000;
/** Looking whether the name leads to another Redis by now costs what is under way. */
const LOOK_ELSEWHERE_MS = 5_000;
/** Redis and its nodes are often started together: the first connection may take a while. */
const FIRST_CONNECTION_MS = 10_000;

/**
 * @param mayBeAway resolve also when there is no Redis: it is tried again until there is
 * @throws RtError `CONFIG_INVALID` when Redis says no, or does not answer in `FIRST_CONNECTION_MS`
 */
export async function openConnections(
  Client: Peers['Redis'],
  url: string,
  mayBeAway: boolean,
): Promise<RedisConnections> {
  const awayListeners: (() => void)[] = [];
  const backListeners: (() => void)[] = [];
  let lastError: Error | undefined;
  let lookedElsewhereAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  let giveUp = (_error: Error) => {};
  const refused = new Promise<Error>((resolve) => {
    giveUp = resolve;
  });

  /** A server that has become a read-only replica: the name may lead to another one by now. */
  function isElsewhere(error: Error): boolean {
    const now = performance.now();
    if (!error.message.startsWith('READONLY') || now - lookedElsewhereAt < LOOK_ELSEWHERE_MS) return false;
    lookedElsewhereAt = now;
    return true;
  }

  const shared = {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MAX_MS,
    keepAlive: 10_000,
    // Null: never give up, and never end the process over a command.
    maxRetriesPerRequest: null,
    // What was under way when the connection broke must not be sent a second time.
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), RETRY_MAX_MS),
    reconnectOnError: isElsewhere,
    // Of a connection that breaks while it subscribes again, ioredis would forget what for.
    autoResubscribe: false,
  };
  const commands = new Client(url, { ...shared, enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT_MS });
  const listening = new Client(url, shared);
  const both = [commands, listening];
  const resubscribe = rememberSubscriptions(listening, (error) => {
    lastError = error;
    isListening = false;
    // Somebody may give the rights meanwhile.
    setTimeout(() => listening.disconnect(true), RETRY_MAX_MS).unref();
  });
  let isListening = false;
  const isThere = () => isListening && both.every(({ status }) => status === 'ready');

  for (const client of both) {
    keepCommandsOutOfErrors(client);
    client.on('error', (error: Error) => {
      hearFurtherErrors(client);
      lastError = error;
      if (isFinal(error)) giveUp(error);
    });
    client.on('close', () => {
      if (isClosed) return;
      for (const listener of awayListeners) listener();
    });
    client.on('ready', onThere);
  }
  listening.prependListener('close', () => {
    isListening = false;
  });
  listening.prependListener('ready', () => {
    resubscribe().then(
      () => {
        isListening = listening.status === 'ready';
        onThere();
      },
      () => {},
    );
  });
  let onFirst = () => {};
  const isReady = new Promise<void>((resolve) => {
    onFirst = resolve;
  });

  function onThere(): void {
    if (isClosed || !isThere()) return;
    lastError = undefined;
    onFirst();
    for (const listener of backListeners) listener();
  }

  const asking = setInterval(() => {
    if (listening.status === 'ready') listening.ping().catch(() => {});
  }, ASK_EVERY_MS);
  asking.unref();

  const connections: RedisConnections = {
    commands,
    listening,
    trouble() {
      if (isThere()) return undefined;
      return lastError === undefined ? 'Redis is away' : `Redis is away: ${reasonOf(lastError)}`;
    },
    onAway: (listener) => void awayListeners.push(listener),
    onBack: (listener) => void backListeners.push(listener),
    close() {
      isClosed = true;
      clearInterval(asking);
      for (const client of both) {
        hearFurtherErrors(client);
        client.disconnect();
      }
    },
  };

  for (const client of both) client.connect().catch(() => {});
  if (mayBeAway) {
    const isAway = new Promise<void>((resolve) => awayListeners.push(resolve));
    await firstOf(CONNECT_TIMEOUT_MS, Promise.race([isReady, isAway]), refused);
    return connections;
  }
  const failure = await firstOf(FIRST_CONNECTION_MS, isReady, refused);
  if (failure === undefined) return connections;
  connections.close();
  throw toStartError(failure === 'late' ? lastError : failure, url);
}

/**
 * ioredis listens to one error of a socket. TLS may have another: of an untrusted certificate, and of what the server says to
 * our leaving then; nobody would hear it, which ends the process.
 */
function hearFurtherErrors(client: Redis): void {
  const { stream } = client as unknown as { stream?: Duplex };
  stream?.on('error', () => {});
}

/** ioredis hangs the command on the error of it: payloads and passwords, which must not get into a log. */
function keepCommandsOutOfErrors(client: Redis): void {
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, ...rest) => {
    // Before whoever sent it hears of the error.
    command.promise.catch((error: { command?: unknown }) => {
      delete error.command;
    });
    return send(command, ...rest);
  };
}

/**
 * Keeps in mind what a connection subscribes to.
 *
 * @param onRefused called when Redis does not let it
 * @returns does it again
 */
function rememberSubscriptions(client: Redis, onRefused: (error: Error) => void): () => Promise<unknown> {
  const wanted = { subscribe: new Set<string>(), psubscribe: new Set<string>() };
  const kinds = ['subscribe', 'psubscribe'] as const;
  const own = { subscribe: client.subscribe.bind(client), psubscribe: client.psubscribe.bind(client) };
  const ask = (kind: (typeof kinds)[number], channels: Iterable<string>) => {
    const done = own[kind](...channels);
    done.catch((error: Error) => {
      if (error.name === 'ReplyError') onRefused(error);
    });
    return done;
  };
  for (const kind of kinds) {
    const remember = (...channels: (string | string[])[]) => {
      for (const channel of channels.flat()) wanted[kind].add(channel);
      // Where there is no connection yet, it is asked for with the first one.
      return client.status === 'ready' ? ask(kind, channels.flat()) : Promise.resolve();
    };
    Object.assign(client, { [kind]: remember });
  }
  return () => Promise.all(kinds.filter((kind) => wanted[kind].size > 0).map((kind) => ask(kind, wanted[kind])));
}

const reasonOf = (error: Error) => (error as NodeJS.ErrnoException).code ?? error.message;

/** `undefined` where all went well. */
async function firstOf(
  ms: number,
  isReady: Promise<void>,
  refused: Promise<Error>,
): Promise<Error | 'late' | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late');
  });
  return Promise.race([refused, isReady.then(() => undefined), late]).finally(() => clearTimeout(timer));
}
