import { open } from 'node:fs/promises';
import type { LogName } from '../contract/log-names.ts';
import { Unmet } from './expectations.ts';

/** One line of the server's log: pino's JSON, levels as numbers. */
export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
}

export const LEVEL = { debug: 20, info: 30, warn: 40 } as const;

const POLL_MS = 25;

type Wanted = (line: LogLine) => boolean;

/** The wanted lines of the server's last start, from before somebody read its log. `undefined`: the log does not go back so far. */
export type ReadStart = (wanted: Wanted) => Promise<LogLine[] | undefined>;

interface Patience {
  waitMs: number;
  /** Ends the wait early. */
  signal?: AbortSignal;
}

interface LogSource {
  isDebug?: boolean;
  /** What was written since it was asked last; nothing for a log that comes in by `add`. */
  pull?: () => Promise<string>;
  readStart?: ReadStart | undefined;
}

/** What the server logs, from the moment on that somebody reads it. */
export class LogReader {
  readonly lines: LogLine[] = [];
  /** Is it known to hold debug lines, so that one that is missing was not written? */
  readonly isDebug: boolean;
  /** Absent where this has read from the start. */
  readonly readStart: ReadStart | undefined;
  /** Lines in full, for whoever looks for what must not be in them. */
  text = '';
  #rest = '';
  readonly #pull: () => Promise<string>;
  #pulling: Promise<void> | undefined;

  constructor({ isDebug = false, pull = async () => '', readStart }: LogSource) {
    this.isDebug = isDebug;
    this.readStart = readStart;
    this.#pull = pull;
  }

  add(text: string): void {
    this.text += text;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = parse(line);
      if (parsed !== undefined) this.lines.push(parsed);
    }
  }

  /** Takes in what was written meanwhile. One pull at a time: two would read the same bytes, and then skip as many. */
  update(): Promise<void> {
    this.#pulling ??= this.#pull()
      .then((text) => this.add(text))
      .finally(() => {
        this.#pulling = undefined;
      });
    return this.#pulling;
  }

  /** The first line of this name that `match` accepts, written already or soon. */
  async find(name: LogName, about: string, match: Wanted, { waitMs, signal }: Patience): Promise<LogLine> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      signal?.throwIfAborted();
      await this.update();
      const line = this.lines.find((candidate) => candidate.msg === name && match(candidate));
      if (line !== undefined) return line;
      if (performance.now() > deadline) {
        const named = this.lines.filter(({ msg }) => msg === name).length;
        const seen = `${this.lines.length} lines, ${named} of them "${name}", and none of them this one`;
        throw new Unmet({ what: 'the log', expected: `a line "${name}" ${about} within ${waitMs} ms`, seen });
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** Reads a log file from its present end on, and the start of the server on request. Whoever opens it closes it. */
export async function followLogFile(path: string): Promise<{ logs: LogReader; close(): Promise<void> }> {
  const file = await open(path, 'r');
  const { size: begin } = await file.stat();
  let position = begin;
  const decoder = new TextDecoder();
  async function pull(): Promise<string> {
    const { size } = await file.stat();
    // It was emptied: logrotate's `copytruncate` does so.
    if (size < position) position = 0;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size - position), 0, size - position, position);
    position += bytesRead;
    return decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
  }
  const readStart: ReadStart = async (wanted) => {
    if (begin === 0) return undefined;
    let start: LogLine[] | undefined;
    let since: LogLine[] = [];
    // Line by line: it may be the log of months.
    for await (const text of file.readLines({ start: 0, end: begin - 1, autoClose: false })) {
      const line = parse(text);
      if (line === undefined) continue;
      if (wanted(line)) since.push(line);
      if (line.msg !== 'server.listening') continue;
      start = since;
      since = [];
    }
    return start;
  };
  return { logs: new LogReader({ pull, readStart }), close: () => file.close() };
}

function parse(line: string): LogLine | undefined {
  try {
    const value = JSON.parse(line) as Partial<LogLine> | null;
    return typeof value?.msg === 'string' && typeof value.level === 'number' ? (value as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
