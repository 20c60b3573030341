import { closeSync, ftruncateSync, writeFileSync } from 'node:fs';
import type { ScreenSize } from './state.ts';

/** Writes down what a terminal was sent, as asciicast v2: `asciinema play FILE` shows it again. */
export interface Recorder {
  output(text: string): void;
  resize(size: ScreenSize): void;
  /** @returns what the recording broke off by, if it did */
  close(): Error | undefined;
}

/**
 * @param file descriptor of an open file, which is closed in the end
 * @param onBroken called once, and not before the caller is done, when it cannot be written to: a disk may be full
 */
export function createRecorder(
  file: number,
  { columns, rows }: ScreenSize,
  onBroken: (error: Error) => void,
): Recorder {
  const startedAt = performance.now();
  let written = 0;
  let broken: Error | undefined;

  function add(entry: object): void {
    if (broken !== undefined) return;
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      writeFileSync(file, line);
      written += line.length;
    } catch (error) {
      broken = error as Error;
      dropRest();
      queueMicrotask(() => onBroken(error as Error));
    }
  }

  /** Half a line would keep players from showing the rest. */
  function dropRest(): void {
    try {
      ftruncateSync(file, written);
    } catch {
      // A device has no end to cut off.
    }
  }

  function addEvent(kind: 'o' | 'r', data: string): void {
    add([Math.round((performance.now() - startedAt) * 1_000) / 1e6, kind, data]);
  }

  add({ version: 2, width: columns, height: rows, timestamp: Math.floor(Date.now() / 1_000) });

  return {
    output: (text) => addEvent('o', text),
    resize: (size) => addEvent('r', `${size.columns}x${size.rows}`),
    close() {
      try {
        closeSync(file);
      } catch (error) {
        broken ??= error as Error;
      }
      return broken;
    },
  };
}
