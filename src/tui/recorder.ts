import { closeSync, fchmodSync, fstatSync, ftruncateSync, writeFileSync } from 'node:fs';
import type { ScreenSize } from './state.ts';

/** Writes down what a terminal was sent, as asciicast v2: `asciinema play FILE` shows it again. */
export interface Recorder {
  /** There is something to record: what was in the file before goes now, and what there was until now is written. */
  begin(): void;
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
  /** Until it begins. */
  let held: Buffer[] | undefined = [];
  let broken: Error | undefined;

  function add(entry: object): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    if (held !== undefined) held.push(line);
    else write(line);
  }

  function write(line: Buffer): void {
    if (broken !== undefined) return;
    try {
      writeFileSync(file, line);
      written += line.length;
    } catch (error) {
      dropRest();
      breakOff(error as Error);
    }
  }

  function breakOff(error: Error): void {
    broken = error;
    queueMicrotask(() => onBroken(error));
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

  /** The rights first: nobody else is to read it, and where that cannot be had, nothing is lost. */
  function empty(): void {
    // The rights of a device are not ours to change.
    if (!fstatSync(file).isFile()) return;
    fchmodSync(file, 0o600);
    ftruncateSync(file);
  }

  return {
    begin() {
      if (held === undefined) return;
      const lines = held;
      held = undefined;
      try {
        empty();
      } catch (error) {
        breakOff(error as Error);
      }
      for (const line of lines) write(line);
    },
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
