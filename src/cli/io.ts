import type { Readable, Writable } from 'node:stream';

/** What a program sees of the terminal; `isTTY` and `columns` only exist on one. */
export interface OutputStream extends Writable {
  isTTY?: boolean;
  columns?: number;
}

/** Everything of the process that commands touch, so that they can be run inside another one. */
export interface Io {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The process's own. Getters, because opening a standard stream costs time that `--help` need not pay for. */
export const processIo: Io = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  get env() {
    return process.env;
  },
  get cwd() {
    return process.cwd();
  },
};
