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

export function createRecorder(path: string, { columns, rows }: ScreenSize): Recorder {
  const startedAt = performance.now();
  // What is on the screen is for its owner: users, addresses, maybe payloads.
  const file = createWriteStream(path, { mode: 0o600 });
  const done = finished(file);
  // Reported by `close`; until then a full disk must not end the dashboard.
  done.catch(() => {});
  const add = (kind: 'o' | 'r', data: string) => {
    const seconds = Math.round((performance.now() - startedAt) * 1_000) / 1e6;
    if (file.writable) file.write(`${JSON.stringify([seconds, kind, data])}\n`);
  };
  file.write(
    `${JSON.stringify({ version: 2, width: columns, height: rows, timestamp: Math.floor(Date.now() / 1_000) })}\n`,
  );

  return {
    output: (text) => add('o', text),
    resize: (size) => add('r', `${size.columns}x${size.rows}`),
    async close() {
      file.end();
      await done;
    },
  };
}
