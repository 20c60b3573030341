import type { Socket } from 'node:net';
import { type ErrorCode, RtError } from '../contract/errors.ts';

/** A process on the other end of Node's own channel between a process and its children. */
export interface Channel {
  send?(message: object, socket: Socket | undefined, options: object, done: (error: Error | null) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the other side sends
  on(event: 'message', listener: (message: any, socket: any) => void): unknown;
}

/** What is done with a message of a topic; what a handler returns, or throws, is the answer to a call. */
export type Handlers = Readonly<Record<string, (body: never, socket?: Socket) => unknown>>;

export interface Link {
  /** Resolves to the answer. Rejects with what the other side threw, or when it is gone. */
  call<Answer>(topic: string, body?: unknown): Promise<Answer>;
  /**
   * @param socket goes over to the other process; this one must not use it any more
   * @param done told when the message is on its way, or why it is not
   */
  tell(topic: string, body?: unknown, socket?: Socket, done?: Done): void;
  /** Rejects what is waited for. */
  close(): void;
}

type Done = (error: Error | null) => unknown;

interface Queued {
  message: Message;
  done: Done;
}

interface Message {
  topic?: string;
  body?: unknown;
  /** Of a call, and of its answer. */
  id?: number;
  error?: { code?: ErrorCode; detail?: RtError['detail']; message: string };
}

const isGone = () => new Error('the other process is gone');

/** Messages between two processes arrive in the order in which they were sent. */
export function createLink(channel: Channel, handlers: Handlers): Link {
  const waiting = new Map<number, { resolve(answer: never): void; reject(error: unknown): void }>();
  let count = 0;
  let isClosed = false;
  /** What is said in one turn goes over at once: a message costs more than what it says. */
  let queue: Queued[] = [];

  function send(message: Message, socket?: Socket, done: Done = () => {}): void {
    if (queue.length === 0) queueMicrotask(() => flush());
    queue.push({ message, done });
    if (socket !== undefined) flush(socket);
  }

  function flush(socket?: Socket): void {
    const all = queue;
    queue = [];
    post(all, socket);
  }

  function post(all: readonly Queued[], socket?: Socket): void {
    if (all.length === 0) return;
    const done: Done = (error) => {
      for (const each of all) each.done(error);
    };
    if (isClosed || channel.send === undefined) {
      done(isGone());
      return;
    }
    try {
      const messages = all.map(({ message }) => message);
      channel.send(messages, socket, {}, done);
    } catch (error) {
      // One of them holds what cannot go over, such as a function: the others do.
      if (all.length === 1) done(error as Error);
      else for (const each of all) post([each], each === all.at(-1) ? socket : undefined);
    }
  }

  async function hear({ topic = '', body, id }: Message, socket: Socket | undefined): Promise<void> {
    if (id === undefined) {
      handlers[topic]?.(body as never, socket);
      return;
    }
    const fail = (error: unknown) => send({ id, error: toMessage(error) });
    try {
      const answer = await handlers[topic]?.(body as never, socket);
      send({ id, body: answer }, undefined, (error) => error !== null && fail(error));
    } catch (error) {
      fail(error);
    }
  }

  channel.on('message', (messages: Message[], socket: Socket | undefined) => {
    // A socket is the last one's.
    for (const [at, message] of messages.entries()) take(message, at === messages.length - 1 ? socket : undefined);
  });

  function take(message: Message, socket: Socket | undefined): void {
    if (message.topic !== undefined) {
      void hear(message, socket);
      return;
    }
    const { id = 0, body, error } = message;
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(body as never);
    else call?.reject(toError(error));
  }

  return {
    call(topic, body) {
      const id = ++count;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        send({ topic, body, id }, undefined, (error) => {
          if (error !== null && waiting.delete(id)) reject(error);
        });
      });
    },
    tell: (topic, body, socket, done) => send({ topic, body }, socket, done),
    close() {
      isClosed = true;
      for (const { reject } of waiting.values()) reject(isGone());
      waiting.clear();
    },
  };
}

function toMessage(error: unknown): NonNullable<Message['error']> {
  if (error instanceof RtError) return { code: error.code, detail: error.detail, message: error.message };
  return { message: error instanceof Error ? error.message : String(error) };
}

function toError({ code, detail, message }: NonNullable<Message['error']>): Error {
  return code === undefined ? new Error(message) : new RtError(code, detail);
}
