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

/** What the server logs, from the moment on that somebody reads it. */
export class LogReader {
  readonly lines: LogLine[] = [];
  /** Is it known to hold debug lines, so that one that is missing was not written? */
  readonly isDebug: boolean;
  /** Lines in full, for whoever looks for what must not be in them. */
  text = '';
  #rest = '';
  readonly #pull: () => Promise<string>;

  /** @param options.pull what was written since it was asked last; nothing for a log that comes in by `add` */
  constructor({ isDebug = false, pull = async () => '' }: { isDebug?: boolean; pull?: () => Promise<string> }) {
    this.isDebug = isDebug;
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

  /** Takes in what was written meanwhile. */
  async update(): Promise<void> {
    this.add(await this.#pull());
  }

  /** The first line of this name that `match` accepts, written already or soon. */
  async find(name: LogName, about: string, match: (line: LogLine) => boolean, waitMs: number): Promise<LogLine> {
    const deadline = performance.now() + waitMs;
    for (;;) {
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

/** Reads a log file from its present end on. Whoever opens it closes it. */
export async function followLogFile(path: string): Promise<{ logs: LogReader; close(): Promise<void> }> {
  const file = await open(path, 'r');
  let { size: position } = await file.stat();
  const decoder = new TextDecoder();
  async function pull(): Promise<string> {
    const { size } = await file.stat();
    // It was emptied: logrotate's `copytruncate` does so.
    if (size < position) position = 0;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size - position), 0, size - position, position);
    position += bytesRead;
    return decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
  }
  return { logs: new LogReader({ pull }), close: () => file.close() };
}

function parse(line: string): LogLine | undefined {
  try {
    const value = JSON.parse(line) as Partial<LogLine> | null;
    return typeof value?.msg === 'string' && typeof value.level === 'number' ? (value as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
