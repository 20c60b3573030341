import { styleText } from 'node:util';
import { toJsonLine } from '../contract/printable.ts';
import type { Io } from './io.ts';

/** What `--quiet` and `--verbose` choose. */
export type Loudness = 'quiet' | 'normal' | 'verbose';

/** Where a command's words go: data to stdout, everything else to stderr. */
export interface Output {
  /** One line of data for people. */
  line(text: string): void;
  /** One line of data for programs. */
  json(value: unknown): void;
  /** A warning, an error, or why the exit code is not 0: always said. */
  problem(text: string): void;
  /** A remark; not with `--quiet`. */
  note(text: string): void;
  /** What is done on the way; with `--verbose` alone. */
  detail(text: string): void;
  loudness: Loudness;
  /** What is said to a person, in the words that were typed. */
  wording(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

/** Writes to these streams; styled where stdout is a terminal and NO_COLOR is not set. */
export function createOutput({ stdout, stderr, env }: Io, wording: Output['wording'] = (text) => text): Output {
  const style = (format: 'bold' | 'dim', text: string) =>
    stdout.isTTY === true && !env['NO_COLOR'] ? styleText(format, text) : text;
  const say = (text: string) => void stderr.write(`${wording(text)}\n`);
  // Not `this`: a command may take single functions out of it.
  const output: Output = {
    loudness: 'normal',
    line: (text) => void stdout.write(`${text}\n`),
    json: (value) => void stdout.write(`${toJsonLine(value)}\n`),
    problem: say,
    note(text) {
      if (output.loudness !== 'quiet') say(text);
    },
    detail(text) {
      if (output.loudness === 'verbose') say(text);
    },
    wording,
    bold: (text) => style('bold', text),
    dim: (text) => style('dim', text),
  };
  return output;
}

/** `1 socket`, `2 sockets`. */
export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
