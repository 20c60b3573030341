import { Writable } from 'node:stream';
import type { Logger } from 'pino';

/** The log of a server whose terminal is taken: its last lines for whoever shows them, and later the terminal again. */
export interface LogTail {
  readonly logger: Logger;
  /** There is none: nothing else is to write to the terminal. */
  readonly sink?: undefined;
  /** Calls back with the lines there are, then with those to come, some at a time. Returns how to stop. */
  follow(onLines: (lines: readonly string[]) => void): () => void;
  /** The terminal is free: lines to come are written to it. */
  release(stream: Writable): void;
}

const KEPT = 500;
/** A busy server writes more lines than anybody could read: they are handed on this often. */
const BATCH_MS = 200;

export async function createLogTail(level: string): Promise<LogTail> {
  const [{ default: pino }, { default: pretty }] = await Promise.all([import('pino'), import('pino-pretty')]);
  let kept: string[] = [];
  let fresh: string[] = [];
  let listener: ((lines: readonly string[]) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let terminal: Writable | undefined;

  function flush(): void {
    timer = undefined;
    listener?.(fresh);
    fresh = [];
  }

  const sink = new Writable({
    write(chunk, _encoding, done) {
      if (terminal !== undefined) terminal.write(chunk);
      const lines = String(chunk).trimEnd().split('\n');
      kept = [...kept, ...lines].slice(-KEPT);
      if (listener !== undefined) {
        fresh = [...fresh, ...lines].slice(-KEPT);
        timer ??= setTimeout(flush, BATCH_MS);
      }
      done();
    },
  });
  const options = {
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    sync: true,
    colorize: false,
  };

  return {
    logger: pino({ level, base: null }, pretty({ ...options, destination: sink })),
    follow(onLines) {
      listener = onLines;
      onLines(kept);
      return () => {
        clearTimeout(timer);
        timer = undefined;
        listener = undefined;
      };
    },
    release(stream) {
      terminal = stream;
    },
  };
}
