import type { Answers, Bus } from '../contract/cluster.ts';
import type { RedisConnections } from './redis-connections.ts';

interface Question {
  id: number;
  from: string;
  topic: string;
  question: unknown;
}

interface Answer {
  id: number;
  answer: unknown;
}

interface Waiting {
  answers: unknown[];
  /** Known when Redis has said how many nodes it told. */
  expected: number | undefined;
  settle(): void;
}

const ANSWER_WITHIN_MS = 1_000;

/**
 * Questions and answers over Redis channels. `PUBLISH` says how many nodes heard the question, so that nobody waits for a
 * node that is gone.
 */
export async function createBus(
  { commands, listening, trouble }: RedisConnections,
  prefix: string,
  nodeId: string,
): Promise<Bus> {
  const everybody = `${prefix}:bus`;
  const own = `${everybody}:${nodeId}`;
  const handlers = new Map<string, (question: never) => unknown>();
  const waiting = new Map<number, Waiting>();
  let count = 0;

  function hear({ id, from, topic, question }: Question): void {
    if (from === nodeId) return;
    // Begun at once: events that come after it must not overtake it.
    const answering = (async () => handlers.get(topic)?.(question as never))();
    // A node that does not know the topic answers too: it must not be waited for.
    void answering
      .catch(() => undefined)
      .then((answer) => commands.publish(`${everybody}:${from}`, encode({ id, answer })))
      .catch(() => {});
  }

  function take({ id, answer }: Answer): void {
    const question = waiting.get(id);
    if (question === undefined) return;
    question.answers.push(answer);
    settleIfComplete(question);
  }

  function settleIfComplete({ answers, expected, settle }: Waiting): void {
    if (expected !== undefined && answers.length >= expected) settle();
  }

  listening.on('message', (channel: string, text: string) => {
    if (channel !== everybody && channel !== own) return;
    try {
      const message = decode(text);
      if (channel === everybody) hear(message as Question);
      else take(message as Answer);
    } catch {
      // Anybody may publish here: what is no message of a node is none.
    }
  });
  await listening.subscribe(everybody, own);

  return {
    async ask<Found>(topic: string, question: unknown, withinMs = ANSWER_WITHIN_MS): Promise<Answers<Found>> {
      const id = ++count;
      let timer: NodeJS.Timeout | undefined;
      const complete = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
        waiting.set(id, { answers: [], expected: undefined, settle: resolve });
      });
      const entry = waiting.get(id) as Waiting;
      const isListening = trouble() === undefined;
      try {
        const heard = await commands.publish(everybody, encode({ id, from: nodeId, topic, question }));
        // Told, but no answer can come.
        if (!isListening) return { answers: [], missing: null };
        // Ourselves not counted.
        entry.expected = Math.max(0, heard - 1);
        settleIfComplete(entry);
        await complete;
        const answers = entry.answers.filter((answer) => answer !== undefined) as Found[];
        return { answers, missing: entry.expected - entry.answers.length };
      } catch {
        return { answers: [], missing: null };
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    answer: (topic, handler) => void handlers.set(topic, handler),
  };
}

const encode = (message: Question | Answer) =>
  JSON.stringify(message, (_key, value: unknown) => (isBinary(value) ? toBuffer(value) : value));

const isBinary = (value: unknown): value is ArrayBuffer | ArrayBufferView =>
  value instanceof ArrayBuffer || ArrayBuffer.isView(value);

const toBuffer = (value: ArrayBuffer | ArrayBufferView) =>
  value instanceof ArrayBuffer ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);

/** Bytes travel as Node writes them in JSON, and are bytes again here. */
const decode = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) => (isBytes(value) ? Buffer.from(value.data) : value));

function isBytes(value: unknown): value is { type: 'Buffer'; data: number[] } {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) && Object.keys(value as object).length === 2;
}
