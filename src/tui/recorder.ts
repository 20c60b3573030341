import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { ScreenSize } from './state.ts';

/** Writes down what a terminal was sent, as asciicast v2: `asciinema play FILE` shows it again. */
export interface Recorder {
  output(text: string): void;
  resize(size: ScreenSize): void;
  /** Resolves when all is on disk. */
  close(): Promise<void>;
}

/** @param file descriptor of an open file, which is closed in the end */
export function createRecorder(file: number, { columns, rows }: ScreenSize): Recorder {
  const startedAt = performance.now();
  const stream = createWriteStream('', { fd: file });
  const done = finished(stream);
  // Reported by `close`; until then a full disk must not end the dashboard.
  done.catch(() => {});
  const add = (kind: 'o' | 'r', data: string) => {
    const seconds = Math.round((performance.now() - startedAt) * 1_000) / 1e6;
    if (stream.writable) stream.write(`${JSON.stringify([seconds, kind, data])}\n`);
  };
  stream.write(
    `${JSON.stringify({ version: 2, width: columns, height: rows, timestamp: Math.floor(Date.now() / 1_000) })}\n`,
  );

  return {
    output: (text) => add('o', text),
    resize: (size) => add('r', `${size.columns}x${size.rows}`),
    async close() {
      stream.end();
      await done;
    },
  };
}
